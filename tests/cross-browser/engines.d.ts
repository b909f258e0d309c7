/** A browser engine. */
export interface Engine {
  name: string;
  /** Starts a browser. It ends with `close()` or with this process. */
  launch(options?: {
    dark?: boolean;
    storesNothing?: boolean;
    /** Firefox only: adds certificates to the profile's folder. */
    prepare?(profile: string): Promise<unknown>;
  }): Promise<Browser>;
}

export interface Browser {
  /** Opens a new tab and loads the page. */
  open(url: string): Promise<Tab>;
  close(): Promise<unknown>;
}

export interface Tab {
  /**
   * Runs a function in the page and returns its result, which may be a promise. Arguments and result are JSON, so the
   * function cannot use variables from outside. Call it once at a time per browser.
   */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value
  evaluate(run: (...args: any[]) => unknown, ...args: unknown[]): Promise<any>;
  /** Sets the size in CSS pixels. The page may see the change later. */
  resize(width: number, height: number): Promise<unknown>;
  /** The visible page as PNG. */
  screenshot(): Promise<Buffer>;
  close(): Promise<unknown>;
}
