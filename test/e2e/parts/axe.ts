import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const source = () => readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** What axe has to say of a page that is serious; it is brought into the page once, before the first look. */
export async function bringAxe(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(source());
  // What is half faded in has no contrast yet; what moves for ever cannot be finished.
  return () =>
    page.evaluate<string[]>(`document.getAnimations().forEach((one) =>
      one.effect.getComputedTiming().endTime === Infinity ? one.cancel() : one.finish());
    axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ' ' + nodes[0].html.slice(0, 160)))`);
}
