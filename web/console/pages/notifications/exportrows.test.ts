import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { counting, type ExportFormat } from './exportrows';

/** What is told of a file that arrives in pieces of so many bytes, and whether it arrives as it is. */
async function told(format: ExportFormat, file: Uint8Array, size: number) {
  const rows: number[] = [];
  const pieces = new ReadableStream<Uint8Array>({
    start: (on) => {
      for (let at = 0; at < file.length; at += size) {
        on.enqueue(file.subarray(at, at + size));
      }
      on.close();
    },
  });
  const arrived = await new Response(pieces.pipeThrough(counting(format, (n) => rows.push(n)))).bytes();
  expect(Buffer.from(arrived).equals(file)).toBe(true);
  return rows;
}

/** A file within an archive, as one is written whose size is known afterwards only. */
function packed(name: string, text: string, extra = 0): Buffer {
  const head = Buffer.alloc(30 + name.length + extra);
  head.write('PK\u0003\u0004', 'latin1');
  head.writeUInt16LE(8, 6); // the sizes follow the content
  head.writeUInt16LE(8, 8); // deflated
  head.writeUInt16LE(name.length, 26);
  head.writeUInt16LE(extra, 28);
  head.write(name, 30, 'latin1');
  return Buffer.concat([head, deflateRawSync(text), Buffer.from('PK\u0007\u0008'), Buffer.alloc(12, 7)]);
}

const sheet = 'xl/worksheets/sheet1.xml';
const row = (n: number) => `<row r="${n}"><c><is><t>人员 ${n} &lt;/row&gt;</t></is></c></row>`;

test('people are counted line by line, whatever a cell says', async () => {
  const lines = ['\ufeffuserid,name\r\n', 'a,"x ""y""\r\nz"\r\n', 'b,"\n\n"\r\n', 'c,d\r\n'];
  const file = Buffer.from(lines.join(''));
  for (const size of [1, 7, file.length]) {
    const rows = await told('csv', file, size);
    expect(rows.at(-1)).toBe(3);
    expect(rows).toEqual(rows.toSorted((a, b) => a - b));
  }
});

test.each([0, 9])('people are counted in the sheet of a workbook, with %i further bytes at its head', async (extra) => {
  const rows = Array.from({ length: 501 }, (_, n) => row(n + 1)).join('');
  const file = Buffer.concat([
    packed('[Content_Types].xml', `<Override PartName="/${sheet}"/>`),
    packed(sheet, `<sheetData>${rows}</sheetData>`, extra),
    Buffer.from('PK\u0001\u0002 the list of all files'),
  ]);
  for (const size of [1, 100, file.length]) {
    const rows = await told('xlsx', file, size);
    await expect.poll(() => rows.at(-1)).toBe(500); // unpacking goes on for a moment
  }
});

test('where nothing can be unpacked nothing is counted, and the file arrives', async () => {
  const kept = globalThis.DecompressionStream;
  Reflect.deleteProperty(globalThis, 'DecompressionStream');
  try {
    expect(await told('xlsx', packed(sheet, row(1) + row(2)), 10)).toEqual([]);
  } finally {
    globalThis.DecompressionStream = kept;
  }
});
