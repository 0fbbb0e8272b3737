// How far a file of people has come: its rows are counted while it arrives.

export type ExportFormat = 'xlsx' | 'csv';

/** Tells how many people have arrived so far. */
type Told = (rows: number) => void;

/** Passes a file on as it is, and tells how many people of it have arrived. */
export function counting(format: ExportFormat, told: Told): TransformStream<Uint8Array, Uint8Array> {
  const counts = format === 'csv' ? csvRows(told) : workbookRows(told);
  return new TransformStream({
    transform: (piece, on) => {
      counts(piece);
      on.enqueue(piece);
    },
  });
}

type Counts = (piece: Uint8Array) => void;

const quote = 0x22;
const newline = 0x0a;

/** Lines but the first, which has the names of the columns; a line may end within quotes and goes on. */
function csvRows(told: Told): Counts {
  let lines = 0;
  let quoted = false;
  return (piece) => {
    for (const byte of piece) {
      if (byte === quote) {
        quoted = !quoted;
      } else if (byte === newline && !quoted) {
        lines++;
      }
    }
    told(Math.max(lines - 1, 0));
  };
}

/** Rows of the sheet, which stands last in the workbook, but the first. A browser that cannot unpack it counts none. */
function workbookRows(told: Told): Counts {
  const sheet = unpacked(told);
  if (sheet === null) {
    return () => undefined;
  }
  let head: Uint8Array | null = new Uint8Array();
  return (piece) => {
    if (head === null) {
      sheet(piece);
      return;
    }
    head = joined(head, piece);
    const at = contentAt(head, 'xl/worksheets/sheet1.xml');
    if (at !== null) {
      sheet(head.subarray(at));
      head = null;
    }
  };
}

/** Counts the rows of a sheet that arrives packed; null in a browser that cannot unpack it. */
function unpacked(told: Told): Counts | null {
  if (typeof DecompressionStream === 'undefined') {
    return null;
  }
  const unpacking = new DecompressionStream('deflate-raw');
  const into = unpacking.writable.getWriter();
  void tellRows(unpacking.readable as ReadableStream<Uint8Array>, told).catch(() => undefined); // what follows the sheet is none
  return (piece) => void into.write(piece as Uint8Array<ArrayBuffer>).catch(() => undefined);
}

async function tellRows(sheet: ReadableStream<Uint8Array>, told: Told): Promise<void> {
  const end = '</row>';
  const reader = sheet.getReader();
  let rows = 0;
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const parts = (rest + letters(read.value)).split(end);
    rows += parts.length - 1;
    rest = parts.at(-1)?.slice(1 - end.length) ?? '';
    told(Math.max(rows - 1, 0));
  }
}

// Of a file within an archive: PKWARE's APPNOTE, 4.3.7.
const signature = 'PK\u0003\u0004';
const nameAt = 30;
const extraLengthAt = 28;

/** Where the content of a file begins in the first bytes of an archive; null where it is not there yet. */
function contentAt(archive: Uint8Array, name: string): number | null {
  const text = letters(archive);
  for (let at = text.indexOf(signature); at >= 0; at = text.indexOf(signature, at + 1)) {
    if (text.startsWith(name, at + nameAt)) {
      const extra = new DataView(archive.buffer, archive.byteOffset).getUint16(at + extraLengthAt, true);
      const content = at + nameAt + name.length + extra;
      return content <= archive.length ? content : null;
    }
  }
  return null;
}

/** A letter for each byte. */
function letters(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
