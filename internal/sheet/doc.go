// Package sheet writes and reads tables as files of spreadsheets: CSV and XLSX.
//
// Writing goes row after row: the first bytes leave at once, and no more than a row is
// kept, however many there are. All cells are text: a job number keeps its zeros, and
// nothing is a formula.
//
// Reading takes what people send: any of the encodings and separators that spreadsheets
// save, and workbooks of whoever made them. A file is read whole or is Unreadable, with
// the line where that shows. What it may cost is bounded before it is unpacked.
package sheet
