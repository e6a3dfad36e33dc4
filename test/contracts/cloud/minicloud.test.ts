import { cloudContract } from './cloudContract.ts';
import { minicloudBench } from './minicloudBench.ts';
import { cloudTroubles } from './troubleContract.ts';

cloudContract('the cloud port on minicloud', minicloudBench);
cloudTroubles('the cloud port on minicloud', minicloudBench);
