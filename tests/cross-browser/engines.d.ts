/** A kind of browser. */
export interface Engine {
  name: string;
  /** Starts one. It ends with `close()`, or with this process. */
  launch(options?: {
    dark?: boolean;
    storesNothing?: boolean;
    /** In Firefox alone: puts certificates into the profile's folder. */
    prepare?(profile: string): Promise<unknown>;
  }): Promise<Browser>;
}

export interface Browser {
  /** A new tab, with the page loaded. */
  open(url: string): Promise<Tab>;
  close(): Promise<unknown>;
}

export interface Tab {
  /**
   * Runs a function in the page and gives what it returns, or what it promises. Arguments and result go
   * as JSON, so the function knows nothing of what is around it. One at a time in a browser.
   */
  // biome-ignore lint/suspicious/noExplicitAny: what JSON holds
  evaluate(run: (...args: any[]) => unknown, ...args: unknown[]): Promise<any>;
  /** In CSS pixels. The page may hear of it only later. */
  resize(width: number, height: number): Promise<unknown>;
  /** What is to be seen, as PNG. */
  screenshot(): Promise<Buffer>;
  close(): Promise<unknown>;
}
