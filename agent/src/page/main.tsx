import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { openBridge } from './bridge/openBridge.ts';
import { guard } from './guard.ts';

guard(window);
createRoot(document.querySelector('#page')!).render(<App bridge={openBridge()} />);
