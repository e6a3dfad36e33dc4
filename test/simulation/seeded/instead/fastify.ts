import { writeFileSync } from 'node:fs';
import { network, type OperatorRoute } from '../network.ts';

/** Routes without a socket: the world's operator calls them. */
export default function fastify() {
  const routes: OperatorRoute[] = [];
  return {
    setErrorHandler: () => undefined,
    setNotFoundHandler: () => undefined,
    route: (route: OperatorRoute) => void routes.push(route),
    listen: ({ path }: { path: string }) => {
      writeFileSync(path, '');
      network.operators.set(path, routes);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
