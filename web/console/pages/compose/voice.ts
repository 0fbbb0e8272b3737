const longest = 59;

/** How long a recording is, in whole seconds; empty where the browser cannot read it, such as AMR. */
export async function secondsOf(file: File): Promise<string> {
  const audio = new AudioContext();
  try {
    const { duration } = await audio.decodeAudioData(await file.arrayBuffer());
    return String(Math.min(longest, Math.max(1, Math.round(duration))));
  } catch {
    return '';
  } finally {
    await audio.close();
  }
}
