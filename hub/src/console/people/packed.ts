/** A file as gzip in base64: ten times shorter, and the hub keeps it so. */
export async function packed(file: Blob): Promise<string> {
  const stream = file.stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = '';
  // So many arguments as a call may have.
  for (let i = 0; i < bytes.length; i += 0x8000)
    text += String.fromCodePoint(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}
