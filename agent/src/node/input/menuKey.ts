import type { Client, Screens, XInput } from 'x11';
import { messageOf, type Log } from '@anyseat/base';
import { MenuChord, type ChordKey } from '../../common/menuChord.ts';
import { openX11 } from '../viewer/openX11.ts';
import { xinputOf } from './x11Input.ts';

/** X11/keysymdef.h */
const KEYS: ReadonlyMap<number, ChordKey> = new Map([
  [0xffe3, 'control'],
  [0xffe4, 'control'],
  [0xffe9, 'alt'],
  [0xffea, 'alt'],
  // Where Shift was down when the map was made.
  [0xffe7, 'alt'],
  [0xffe8, 'alt'],
  [0xff50, 'home'],
  [0xff95, 'home'],
]);

/**
 * Hears Control, Alt and Home together, whoever has grabbed the keyboard: a grab of our own would not fire under the viewer's,
 * raw events of XInput 2 do. Of other keys nothing is known but that they are none of these. Never throws: without a screen
 * the chord opens nothing.
 */
export function hearMenuKey(
  options: { environment: NodeJS.ProcessEnv; log: Log },
  onMenu: () => void,
): Disposable {
  const { environment, log } = options;
  let client: Client | undefined;
  let over = false;
  const end = () => {
    over = true;
    client?.stream?.destroy();
  };
  const lost = (why: string) => {
    if (!over) log.info({ why }, 'the menu cannot be opened by a key on this screen');
    end();
  };
  const open = async () => {
    const { DISPLAY } = environment;
    if (!DISPLAY) throw new Error('there is no X screen');
    const screens = await openX11(DISPLAY, (error) =>
      lost(error ? messageOf(error) : 'the X server is gone'),
    );
    client = screens.client;
    if (!over) listen(screens, await xinputOf(client), await chordKeysOf(screens), onMenu);
    if (over) end();
  };
  open().catch((error: unknown) => lost(messageOf(error)));
  return { [Symbol.dispose]: end };
}

/** Offsets in a raw event, from its eighth byte (XI2proto.h, xXIRawEvent). */
const EVENT_TYPE = 0;
const DETAIL = 8;
const noEvent = {};

function listen(
  { client, screen }: Screens,
  xinput: XInput,
  keys: ReadonlyMap<number, ChordKey>,
  onMenu: () => void,
): void {
  const { RawKeyPress, RawKeyRelease } = xinput.EventType;
  const chord = new MenuChord();
  client.geEventParsers[xinput.majorOpcode] = (_type, _sequence, _extra, _code, raw) => {
    const key = keys.get(raw.readUInt32LE(DETAIL));
    if (key && raw.readUInt16LE(EVENT_TYPE) === RawKeyRelease) chord.release(key);
    else if (key && chord.press(key)) onMenu();
    return noEvent;
  };
  const mask = [RawKeyPress, RawKeyRelease];
  xinput.XISelectEvents(screen[0].root, { deviceId: xinput.AllMasterDevices, mask });
}

/** Which keycodes of this keyboard are keys of the chord. */
function chordKeysOf({ client, min_keycode, max_keycode }: Screens): Promise<Map<number, ChordKey>> {
  return new Promise((resolve, reject) => {
    client.GetKeyboardMapping(min_keycode, max_keycode - min_keycode + 1, (error, rows) => {
      if (error) reject(error);
      else
        resolve(
          new Map(
            rows.flatMap(([first = 0], at): [number, ChordKey][] => {
              const key = KEYS.get(first);
              return key ? [[min_keycode + at, key]] : [];
            }),
          ),
        );
      return true;
    });
  });
}
