/**
 * The async context in which it was made: where a runtime has such a thing, as Node has its `AsyncLocalStorage`, a
 * promise's reaction runs in the context in which `then` was called. That needs no module of any runtime.
 *
 * The engine runs in the context of whatever happened last. The functions of the user run in that of their own call.
 */
export class AsyncContext {
  #tasks: (() => void)[] = [];
  #wake: () => void = () => {};

  constructor() {
    this.#listen();
  }

  /** Calls `task` in this context, in a microtask, and gives what it gives. */
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
      // Here, in the reaction, so that the next one is in the same context.
      this.#listen();
      for (const task of tasks) task();
    });
  }
}
