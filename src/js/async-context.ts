/**
 * The async context in which it was created, such as that of Node's `AsyncLocalStorage`. A promise reaction runs in the
 * context of its `then` call, so this needs no module of the runtime.
 *
 * The engine runs in the context of the latest event, but the user's functions must run in the context of their call.
 */
export class AsyncContext {
  #tasks: (() => void)[] = [];
  #wake: () => void = () => {};

  constructor() {
    this.#listen();
  }

  /** Calls `task` in this context, in a microtask, and resolves with its result. */
  run<T>(task: () => T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#tasks.push(() => {
        try {
          resolve(task());
        } catch (error) {
          reject(error);
        }
      });
      this.#wake();
    });
  }

  #listen(): void {
    new Promise<void>((wake) => {
      this.#wake = wake;
    }).then(() => {
      const tasks = this.#tasks;
      this.#tasks = [];
      // Here, in the reaction, so that the next one has the same context.
      this.#listen();
      for (const task of tasks) task();
    });
  }
}
