import { cloudContract } from './cloudContract.ts';
import { minicloudBench } from './minicloudBench.ts';

cloudContract('the cloud port on minicloud', minicloudBench);
