// Files that the browser saves.

/** Saves a file that the page holds, as the browser saves what it loads itself. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  loadFile(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // once the browser has begun
}

/** Has the browser load a file itself, by the name that the server gives it or this one. */
export function loadFile(address: string, name = ''): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
