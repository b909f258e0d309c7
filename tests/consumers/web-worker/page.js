const worker =
  location.search === "?classic"
    ? new Worker("dist/classic.js")
    : new Worker("worker.js", { type: "module" });

worker.onmessage = ({ data }) => {
  document.title = data;
};
worker.onerror = ({ message }) => reportError(new Error(message));
