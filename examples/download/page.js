/** Saves a file where the user chooses. Call it from a click handler, because the dialog needs a user action. */
export async function save(deploy, path, suggestedName, show) {
  const target = await globalThis.showSaveFilePicker?.({ suggestedName });
  const { body, name = suggestedName, size } = await deploy.download(path);
  let received = 0;
  const transform = (chunk, controller) => {
    received += chunk.length;
    show(received, size);
    controller.enqueue(chunk);
  };
  const bytes = body.pipeThrough(new TransformStream({ transform }));
  if (target) return bytes.pipeTo(await target.createWritable());
  // Without the dialog the browser holds the whole file in memory or in its own storage.
  const blob = await new Response(bytes).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
