/** A message of an operator to whoever sits here. */
export interface BoardMessage {
  id: string;
  text: string;
  /** It wants a yes or a no. */
  asks?: 'screenshot';
}

/** More are not kept: the oldest, which nobody has read, makes room. */
const MOST = 20;

/** Messages that nobody has taken note of yet; the oldest is shown first. Gone with the agent. */
export class MessageBoard {
  readonly #onChange: () => void;
  readonly #open: { message: BoardMessage; read: () => void; drop: (why: Error) => void }[] = [];

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** What is to be on the screen now. */
  get current(): BoardMessage | undefined {
    return this.#open[0]?.message;
  }

  /** Somebody says no. @param why for operators */
  deny(id: string, why = 'the person there said no'): void {
    const at = this.#open.findIndex(({ message }) => message.id === id && message.asks !== undefined);
    if (at < 0) return;
    this.#open.splice(at, 1)[0]!.drop(new Error(why));
    this.#onChange();
  }

  /** Resolves when somebody has taken note of it, or said yes. @throws Error when others took its place. */
  show(message: BoardMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#open.push({ message, read: resolve, drop: reject });
    if (this.#open.length > MOST)
      this.#open.shift()!.drop(new Error('nobody read it, and others came after it'));
    this.#onChange();
    return promise;
  }

  /** Somebody has read it. One that is not there any more changes nothing. */
  read(id: string): void {
    const at = this.#open.findIndex(({ message }) => message.id === id);
    if (at < 0) return;
    this.#open.splice(at, 1)[0]!.read();
    this.#onChange();
  }
}
