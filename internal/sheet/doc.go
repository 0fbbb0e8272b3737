// Package sheet writes tables as files for spreadsheets, row after row: CSV and XLSX.
// The first bytes leave at once, and no more than a row is kept, however many there
// are. All cells are text: a job number keeps its zeros, and nothing is a formula.
package sheet
