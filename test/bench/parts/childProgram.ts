import type { ChildProcess } from 'node:child_process';
import { ended, spawnTied, stopChild } from '@anyseat/base';

interface Question {
  number: number;
  what: string;
  about: unknown;
}

type Answer = { number: number; value: unknown } | { number: number; error: string };

/** A part of a bench in a process of its own, so that its work is not done at the cost of what is measured. */
export class ChildProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #questions = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer: Answer) => this.#asked.get(answer.number)?.(answer));
    child.once('exit', (code, signal) => this.#failAll(`ended with ${code ?? signal}`));
    child.once('error', (error) => this.#failAll(error.message));
  }

  /** @param file a program that calls `answerParent` */
  static start(file: string): ChildProgram {
    return new ChildProgram(
      spawnTied(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
    );
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves with what the program's answer of that name returned; rejects with what it threw, or when it ended. */
  ask<T>(what: string, about?: unknown): Promise<T> {
    const number = ++this.#questions;
    return new Promise<T>((resolve, reject) => {
      this.#asked.set(number, (answer) => {
        this.#asked.delete(number);
        if ('error' in answer) reject(new Error(`${what}: ${answer.error}`));
        else resolve(answer.value as T);
      });
      this.#child.send({ number, what, about } satisfies Question, (error) => {
        if (error) this.#asked.get(number)?.({ number, error: error.message });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await stopChild(this.#child);
    await ended(this.#child);
  }

  #failAll(error: string): void {
    for (const [number, settle] of this.#asked) settle({ number, error });
  }
}

/** The child's side: what it answers, by name. It ends when its parent is gone. */
export function answerParent(answers: Readonly<Record<string, (about: never) => unknown>>): void {
  const send = (answer: Answer) => process.send!(answer);
  process.on('message', ({ number, what, about }: Question) => {
    Promise.resolve()
      .then(() => answers[what]!(about as never))
      .then(
        (value) => send({ number, value }),
        (error: unknown) => send({ number, error: error instanceof Error ? error.stack! : String(error) }),
      )
      .catch(() => process.exit(1));
  });
  process.once('disconnect', () => process.exit(0));
}
