/** A call that the cloud refuses: the HTTP status and the sentence, as the service in question would say them. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** Neutron's exception name, which its faults carry beside the sentence. */
  readonly type: string | undefined;

  constructor(status: number, message: string, type?: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export const badRequest = (message: string): Refusal => new Refusal(400, message);
export const forbidden = (message: string): Refusal => new Refusal(403, message);
export const notFound = (message: string): Refusal => new Refusal(404, message);
export const conflict = (message: string): Refusal => new Refusal(409, message);

/** What Nova says when it meets an exception that its API does not expect there. Some of them are daily life. */
export const unexpected = (exception: string): Refusal =>
  new Refusal(
    500,
    'Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if ' +
      `possible.\n<class '${exception}'>`,
  );
