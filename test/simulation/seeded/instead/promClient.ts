/** Nobody looks at the metrics of a simulated hub. */
class Silent {
  inc(): void {}
  observe(): void {}
  set(): void {}
}

export { Silent as Counter, Silent as Gauge, Silent as Histogram };

export class Registry {
  readonly contentType = 'text/plain';
  metrics(): Promise<string> {
    return Promise.resolve('');
  }
}

export const collectDefaultMetrics = (): void => undefined;
