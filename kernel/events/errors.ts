import { defineErrors } from '../errors.ts'

export const eventsError = defineErrors({
  EVENT_INVALID:
    'An event has a topic of at most 100 and a type of at most 60 plain characters, and a JSON payload of at most 64 kB.',
  EVENTS_MISSED:
    'The feed no longer holds every event since the last one delivered. Read the present state, then subscribe without a cursor.',
  EVENTS_NOT_ANNOUNCED:
    'Redis did not take the announcement of committed events; other processes read them from the table.',
  EVENTS_CLOSED: 'The feeds of this service are closed. Subscribe again in a moment.',
  CURSOR_INVALID: 'The cursor is not one that a live feed has given out.',
  CURSOR_FOREIGN: 'The cursor belongs to another feed.',
  CURSOR_EXPIRED: 'The cursor does not lie in the history that this feed still holds.',
})
