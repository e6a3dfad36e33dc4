import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { openBridge } from './bridge/openBridge.ts';

createRoot(document.querySelector('#page')!).render(<App bridge={openBridge()} />);
