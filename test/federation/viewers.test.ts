import { afterAll, beforeAll, expect, test } from 'vitest'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { shown } from './world.ts'

const QUESTION = `{
  me { displayName email }
  tenants { edges { node { code planType flags { edges { node { key } } } } } }
  guilds { edges { node {
    name
    settings { enterpriseFeatures integrationConfig }
    members { edges { node { user { displayName email } } } }
  } } }
  roles { edges { node { name tenantId } } }
  feeds { name }
}`

let platform: TestPlatform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

test('nobody: every field is refused by itself', async () => {
  expect(await shown(platform.with(null), QUESTION)).toMatchInlineSnapshot(`
    {
      "data": null,
      "refused": [
        "feeds: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.members.edges.@.node.user: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds: UNAUTHORIZED_FIELD_OR_TYPE",
        "me: UNAUTHORIZED_FIELD_OR_TYPE",
        "roles: UNAUTHORIZED_FIELD_OR_TYPE",
        "tenants: UNAUTHORIZED_FIELD_OR_TYPE",
      ],
    }
  `)
})

test('a member: his guild by name, nothing of its people and how it is run', async () => {
  expect(await shown(await platform.as(PEOPLE.acmeMember), QUESTION)).toMatchInlineSnapshot(`
    {
      "data": {
        "feeds": null,
        "guilds": {
          "edges": [
            {
              "node": {
                "members": null,
                "name": "Acme Sharps",
                "settings": {
                  "enterpriseFeatures": false,
                  "integrationConfig": null,
                },
              },
            },
          ],
        },
        "me": {
          "displayName": "Max Member",
          "email": "member@acme.example",
        },
        "roles": null,
        "tenants": null,
      },
      "refused": [
        "feeds: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.members: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.settings.integrationConfig: UNAUTHORIZED_FIELD_OR_TYPE",
        "roles: UNAUTHORIZED_FIELD_OR_TYPE",
        "tenants: UNAUTHORIZED_FIELD_OR_TYPE",
      ],
    }
  `)
})

test('a tenant administrator: all of his tenant, nothing of another', async () => {
  expect(await shown(await platform.as(PEOPLE.acmeAdmin), QUESTION)).toMatchInlineSnapshot(`
    {
      "data": {
        "feeds": [],
        "guilds": {
          "edges": [
            {
              "node": {
                "members": {
                  "edges": [
                    {
                      "node": {
                        "user": {
                          "displayName": "Ada Acme",
                          "email": "admin@acme.example",
                        },
                      },
                    },
                    {
                      "node": {
                        "user": {
                          "displayName": "Anna Analyst",
                          "email": "analyst@acme.example",
                        },
                      },
                    },
                    {
                      "node": {
                        "user": {
                          "displayName": "Max Member",
                          "email": "member@acme.example",
                        },
                      },
                    },
                  ],
                },
                "name": "Acme Sharps",
                "settings": {
                  "enterpriseFeatures": false,
                  "integrationConfig": null,
                },
              },
            },
            {
              "node": {
                "members": {
                  "edges": [
                    {
                      "node": {
                        "user": {
                          "displayName": "Anna Analyst",
                          "email": "analyst@acme.example",
                        },
                      },
                    },
                  ],
                },
                "name": "Acme Parlay Club",
                "settings": {
                  "enterpriseFeatures": false,
                  "integrationConfig": null,
                },
              },
            },
          ],
        },
        "me": {
          "displayName": "Ada Acme",
          "email": "admin@acme.example",
        },
        "roles": {
          "edges": [
            {
              "node": {
                "name": "operator",
                "tenantId": null,
              },
            },
            {
              "node": {
                "name": "tenant-admin",
                "tenantId": null,
              },
            },
            {
              "node": {
                "name": "analyst",
                "tenantId": null,
              },
            },
            {
              "node": {
                "name": "member",
                "tenantId": null,
              },
            },
          ],
        },
        "tenants": {
          "edges": [
            {
              "node": {
                "code": "acme",
                "flags": {
                  "edges": [
                    {
                      "node": {
                        "key": "live.cashout",
                      },
                    },
                    {
                      "node": {
                        "key": "ai.assistant",
                      },
                    },
                  ],
                },
                "planType": "ENTERPRISE",
              },
            },
          ],
        },
      },
      "refused": [],
    }
  `)
})

test('the operator: all tenants', async () => {
  expect(await shown(await platform.as(PEOPLE.operator), QUESTION)).toMatchInlineSnapshot(`
    {
      "data": {
        "feeds": [],
        "guilds": {
          "edges": [
            {
              "node": {
                "members": {
                  "edges": [
                    {
                      "node": {
                        "user": {
                          "displayName": "Ada Acme",
                          "email": "admin@acme.example",
                        },
                      },
                    },
                    {
                      "node": {
                        "user": {
                          "displayName": "Anna Analyst",
                          "email": "analyst@acme.example",
                        },
                      },
                    },
                    {
                      "node": {
                        "user": {
                          "displayName": "Max Member",
                          "email": "member@acme.example",
                        },
                      },
                    },
                  ],
                },
                "name": "Acme Sharps",
                "settings": {
                  "enterpriseFeatures": false,
                  "integrationConfig": null,
                },
              },
            },
            {
              "node": {
                "members": {
                  "edges": [
                    {
                      "node": {
                        "user": {
                          "displayName": "Anna Analyst",
                          "email": "analyst@acme.example",
                        },
                      },
                    },
                  ],
                },
                "name": "Acme Parlay Club",
                "settings": {
                  "enterpriseFeatures": false,
                  "integrationConfig": null,
                },
              },
            },
            {
              "node": {
                "members": {
                  "edges": [
                    {
                      "node": {
                        "user": {
                          "displayName": "Gus Globex",
                          "email": "admin@globex.example",
                        },
                      },
                    },
                  ],
                },
                "name": "Globex Lounge",
                "settings": {
                  "enterpriseFeatures": false,
                  "integrationConfig": null,
                },
              },
            },
          ],
        },
        "me": {
          "displayName": "Olive Operator",
          "email": "operator@dbsbm.example",
        },
        "roles": {
          "edges": [
            {
              "node": {
                "name": "operator",
                "tenantId": null,
              },
            },
            {
              "node": {
                "name": "tenant-admin",
                "tenantId": null,
              },
            },
            {
              "node": {
                "name": "analyst",
                "tenantId": null,
              },
            },
            {
              "node": {
                "name": "member",
                "tenantId": null,
              },
            },
          ],
        },
        "tenants": {
          "edges": [
            {
              "node": {
                "code": "acme",
                "flags": {
                  "edges": [
                    {
                      "node": {
                        "key": "live.cashout",
                      },
                    },
                    {
                      "node": {
                        "key": "ai.assistant",
                      },
                    },
                  ],
                },
                "planType": "ENTERPRISE",
              },
            },
            {
              "node": {
                "code": "globex",
                "flags": {
                  "edges": [
                    {
                      "node": {
                        "key": "ai.assistant",
                      },
                    },
                  ],
                },
                "planType": "PROFESSIONAL",
              },
            },
          ],
        },
      },
      "refused": [],
    }
  `)
})
