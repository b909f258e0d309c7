const container = navigator.serviceWorker;
container.onmessage = ({ data }) => {
  document.title = data;
};

await (location.search === "?classic"
  ? container.register("classic.js")
  : container.register("worker.js", { type: "module" }));
const { active } = await container.ready;
active.postMessage("go");
