import { expect, test } from 'vitest';
import { settingsText } from './remoteViewer.ts';

test('what virt-viewer reads of a desktop’s settings, and nothing of what was not said', () => {
  expect([settingsText({}), settingsText({ monitors: 2, clipboard: false })]).toEqual([
    '[virt-viewer]\nask-quit=false\n',
    '[virt-viewer]\nask-quit=false\nshare-clipboard=false\n[fallback]\nmonitor-mapping=1:1;2:2\n',
  ]);
});
