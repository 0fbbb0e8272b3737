// What is being written, kept by the browser with every change: it outlives a
// crash, a lost network and an ended session. It is shown to the same person only.

const name = 'tidings.console';
const table = 'drafts';
const days = 7 * 24 * 60 * 60 * 1000;

export interface Kept<F> {
  form: F;
  /** The edition that it was written on top of. */
  edition: number;
  at: number;
}

/** Whose draft of what: corp id, userid and the thing. */
export type DraftKey = readonly [corpID: string, userid: string, thing: string];

export async function keepDraft<F>(key: DraftKey, form: F, edition: number): Promise<void> {
  await run('readwrite', (t) => t.put({ form, edition, at: Date.now() } satisfies Kept<F>, [...key]));
}

export async function keptDraft<F>(key: DraftKey): Promise<Kept<F> | null> {
  const kept = await run<Kept<F> | undefined>('readonly', (t) => t.get([...key]));
  return kept && Date.now() - kept.at < days ? kept : null;
}

export async function dropDraft(key: DraftKey): Promise<void> {
  await run('readwrite', (t) => t.delete([...key]));
}

/** Drops all drafts of an organization's person: they sign out. */
export async function dropDrafts(corpID: string, userid: string): Promise<void> {
  await run('readwrite', (t) => t.delete(IDBKeyRange.bound([corpID, userid], [corpID, userid, []])));
}

const patience = 3_000;
let last: Promise<unknown> = Promise.resolve();

/** Waits until what was written last is kept: not long, whatever becomes of it. */
export async function draftsKept(): Promise<void> {
  await Promise.race([last, new Promise((late) => setTimeout(late, patience))]);
}

function run<T>(mode: IDBTransactionMode, act: (t: IDBObjectStore) => IDBRequest): Promise<T> {
  const result = runNow<T>(mode, act);
  if (mode === 'readwrite') {
    last = result.catch(() => undefined);
  }
  return result;
}

async function runNow<T>(mode: IDBTransactionMode, act: (t: IDBObjectStore) => IDBRequest): Promise<T> {
  const change = (await opened()).transaction(table, mode);
  const result = done<T>(act(change.objectStore(table)));
  change.commit(); // at once: the page may be gone a moment later
  return result;
}

let connection: Promise<IDBDatabase> | undefined;

/** One connection for all changes: they arrive in their order, and none waits until another is there. */
function opened(): Promise<IDBDatabase> {
  connection ??= open();
  return connection;
}

async function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(table);
  try {
    const db = await done<IDBDatabase>(opening);
    db.onclose = forget;
    db.onversionchange = () => {
      db.close();
      forget();
    };
    return db;
  } catch (e) {
    forget();
    throw e;
  }
}

function forget(): void {
  connection = undefined;
}

function done<T>(request: IDBRequest): Promise<T> {
  return new Promise((good, bad) => {
    request.onsuccess = () => good(request.result as T);
    request.onerror = () => bad(request.error);
  });
}
