import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Events } from '#kernel/events/events.ts'
import type { Resume } from '#kernel/events/resume.ts'
import type { StoredEvent } from '#kernel/events/stored-event.ts'
import { tenancyError } from '../errors.ts'
import { requireWholeTenant } from './access.ts'
import { isNewsType, NEWS_SCOPES, type News, tenancyTopic } from './change-log.ts'
import type { Tenants } from './tenants.ts'

/** One event of the feed, as this service wrote it. */
export type TenancyNews = Pick<StoredEvent, 'type' | 'at' | 'seq'> & {
  payload: News
  details: JsonDetails
}

type JsonDetails = { [name: string]: string | number | boolean | null | string[] }

export type LiveDeps = {
  events: Events
  tenants: Tenants
  viewer: Viewer
  /** Where to go on. */
  resume: Resume | null
  signal: AbortSignal
}

export type Live = ReturnType<typeof createLive>

/** The live feed of one tenant. */
export function createLive({ events, tenants, viewer, resume, signal }: LiveDeps) {
  const mayRead = ({ type }: StoredEvent) =>
    isNewsType(type) && viewer.scopes.includes(NEWS_SCOPES[type])
  return {
    /** The feed holds what this service's change log wrote, and nothing else. */
    toNews: ({ type, at, seq, payload }: StoredEvent): TenancyNews => {
      const news = payload as News
      return { type, at, seq, payload: news, details: news.details as JsonDetails }
    },
    /** News that the viewer has the scopes for. @throws TENANT_NOT_FOUND, TENANT_WIDE, CURSOR_… */
    follow: async (tenantId: string) => {
      requireWholeTenant(viewer)
      if (!(await tenants.byId(tenantId))) throw tenancyError('TENANT_NOT_FOUND')
      const options = { after: resume, tenantId, signal, filter: mayRead }
      return events.open(tenancyTopic(tenantId), options)
    },
  }
}
