/** What is used here of x11 4.2.2, the X protocol in plain JavaScript, which brings no types. Windows and atoms are numbers. */
declare module 'x11' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  /** Returns true: an error was dealt with, else the client emits it as `error` as well. */
  type Answer<T> = (error: Error | null | undefined, value: T) => true;

  /** Emits `event`, `error`, and `end` when the server is gone. Requests after that are written to nobody. */
  interface Client extends EventEmitter {
    /** Undefined until it is connected. */
    stream?: Socket;
    InternAtom(onlyIfExists: boolean, name: string, answer: Answer<number>): void;
    ChangeWindowAttributes(window: number, values: { eventMask: number }): void;
    /** `type` 0 is any; offset and length in units of four bytes. No such property: format 0, no data. */
    GetProperty(
      erase: 0 | 1,
      window: number,
      property: number,
      type: number,
      offset: number,
      length: number,
      answer: Answer<{ format: 0 | 8 | 16 | 32; data: Buffer }>,
    ): void;
    require(extension: 'xtest', answer: (error: Error | null | undefined, extension: XTest) => void): void;
    require(extension: 'xinput', answer: (error: Error | null | undefined, extension: XInput) => void): void;
    require(
      extension: 'screen-saver',
      answer: (error: Error | null | undefined, extension: ScreenSaver) => void,
    ): void;
    /** Status 0: it is ours now; 1: somebody else has it. Modes: 1, asynchronous. Time 0: now. */
    GrabKeyboard(
      window: number,
      ownerEvents: 0 | 1,
      time: 0,
      pointerMode: 1,
      keyboardMode: 1,
      answer: Answer<number>,
    ): void;
    UngrabKeyboard(time: 0): void;
    /** Generic events, by the major opcode of their extension; `raw` begins at the eighth byte. What is returned is emitted. */
    geEventParsers: Record<
      number,
      (type: number, sequence: number, extra: number, code: number, raw: Buffer) => object
    >;
    /** One row a keycode, of the key symbols (keysymdef.h) that it makes alone, with Shift, and so on; 0: none. */
    GetKeyboardMapping(first: number, count: number, answer: Answer<number[][]>): void;
    /** `format` 2: whole points, row by row. */
    GetImage(
      format: 2,
      drawable: number,
      x: number,
      y: number,
      width: number,
      height: number,
      planes: number,
      answer: Answer<{ depth: number; data: Buffer }>,
    ): void;
    /** To a window manager, where `destination` is the root; `window` is what it is about. */
    SendClientMessage(
      destination: number,
      window: number,
      type: number,
      format: 32,
      data: readonly number[],
    ): void;
  }

  /** The XTEST extension: what it makes looks to every program as if somebody did it. */
  interface XTest {
    KeyPress: 2;
    KeyRelease: 3;
    ButtonPress: 4;
    ButtonRelease: 5;
    MotionNotify: 6;
    /** `detail`: a keycode or a button; of a motion 0, and then x and y are places on `root`. `time`: ms to wait, 0. */
    FakeInput(type: number, detail: number, time: 0, root: number, x: number, y: number): void;
  }

  /** XInput 2 (XI2proto.h); `xi2` is what the server has of the 2.2 that is asked for. */
  interface XInput {
    majorOpcode: number;
    xi2: { majorVersion: number; minorVersion: number } | null;
    AllMasterDevices: number;
    EventType: { RawKeyPress: 13; RawKeyRelease: 14; RawButtonPress: 15; RawMotion: 17; RawTouchBegin: 22 };
    /** `mask`: types of events. */
    XISelectEvents(window: number, masks: { deviceId: number; mask: readonly number[] }): void;
  }

  /** MIT-SCREEN-SAVER; `idle`: milliseconds since anybody's last input. */
  interface ScreenSaver {
    QueryInfo(window: number, answer: Answer<{ idle: number }>): void;
  }

  /** What an X server tells of itself when a client has connected; keycodes run from the least to the greatest. */
  interface Screens {
    client: Client;
    screen: [{ root: number; pixel_width: number; pixel_height: number }];
    min_keycode: number;
    max_keycode: number;
  }

  interface X11 {
    eventMask: { PropertyChange: number };
    /** @throws when `display` cannot be read; all else is told to `ready`, once. */
    createClient(
      options: { display: string; shm: false; disableBigRequests: true },
      ready: (error: Error | null | undefined, screens: Screens) => void,
    ): Client;
  }

  const x11: X11;
  export default x11;
  export type { Answer, Client, ScreenSaver, Screens, XInput, XTest };
}
