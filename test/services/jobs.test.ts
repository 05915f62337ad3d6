import { Job } from '#kernel/jobs/job.ts'
import { describeWorkers } from '../kernel/jobs/worker-suite.ts'
import { openMariadb } from '../kit/database.ts'

describeWorkers('MariaDB', () => openMariadb([Job]))
