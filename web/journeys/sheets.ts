// Reads the files of tables that the console gives: every row as its cells, all text.

import { inflateRawSync } from 'node:zlib';

/** The rows of a CSV file with a byte order mark and CRLF, with the guards of its cells. */
export function csvRows(file: Buffer): string[][] {
  const text = file.toString('utf8');
  if (!text.startsWith('\ufeff') || !text.endsWith('\r\n')) {
    throw new Error('the file has no byte order mark, or no end of its last line');
  }
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end = ''] of text
    .slice(1)
    .matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') {
      rows.push([]);
    }
  }
  return rows.slice(0, -1); // after the last line there is nothing
}

/** The rows of the one sheet of a workbook whose cells are inline strings; none is a formula. */
export function xlsxRows(file: Buffer): string[][] {
  const sheet = unzipped(file, 'xl/worksheets/sheet1.xml');
  if (/<(f|v)[ >]/.test(sheet)) {
    throw new Error('a cell is something else than text');
  }
  return [...sheet.matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(([, row = '']) => {
    const cells: string[] = [];
    for (const [, column = '', text = ''] of row.matchAll(
      /<c r="([A-Z])\d+" s="1" t="inlineStr">.*?<t[^>]*>(.*?)<\/t>/gs,
    )) {
      cells[column.charCodeAt(0) - 65] = unescaped(text);
    }
    return Array.from(cells, (cell) => cell ?? '');
  });
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#(x?)([0-9a-fA-F]+)|(\w+));/g, (_, hex, code, name) =>
    name ? (entities[name] ?? '') : String.fromCodePoint(Number.parseInt(code, hex ? 16 : 10)),
  );
}

/** One file of an archive, found by the directory at its end. */
function unzipped(archive: Buffer, name: string): string {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = archive.readUInt32LE(end + 16);
  for (let n = archive.readUInt16LE(end + 10); n > 0; n--) {
    const [method, size, nameLength] = [
      archive.readUInt16LE(at + 10),
      archive.readUInt32LE(at + 20),
      archive.readUInt16LE(at + 28),
    ];
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const local = archive.readUInt32LE(at + 42);
      const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      const bytes = archive.subarray(begin, begin + size);
      return (method === 0 ? bytes : inflateRawSync(bytes)).toString('utf8');
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new Error(`the archive has no ${name}`);
}
