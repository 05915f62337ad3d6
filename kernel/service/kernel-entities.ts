import { InboxRow } from '../audit/inbox-row.ts'
import { OutboxLane } from '../audit/outbox-lane.ts'
import { OutboxRow } from '../audit/outbox-row.ts'
import { EventRow } from '../events/event-row.ts'
import { EventTopic } from '../events/event-topic.ts'
import { Job } from '../jobs/job.ts'

/** The system tables that every subgraph's database carries beside its own. */
export const KERNEL_ENTITIES = [EventTopic, EventRow, Job, OutboxRow, OutboxLane, InboxRow] as const
