import { defineErrors } from '../errors.ts'

export const jobsError = defineErrors({
  JOB_INVALID:
    'A job has a kind of at most 60 plain characters, a JSON payload of at most 64 kB, a unique key of at most 190 characters and 1 to 100 attempts.',
  JOB_NOT_FOUND: 'There is no such job.',
  JOB_CANCELLED: 'The job was cancelled.',
  JOB_GIVEN_UP: 'The job cannot succeed and is not tried again.',
  JOB_LEASE_LOST: 'The job took longer than its lease and belongs to another worker now.',
  JOB_STOPPED: 'The worker stops; the job is run again elsewhere.',
  JOB_TIMED_OUT: 'The job took longer than it may.',
  JOB_SCHEDULE_INVALID: 'A schedule has a cron pattern and a time zone that exist.',
})
