import { openAnalytics, seasonFeed } from './analytics-kit.ts'

const [file = '', database = ''] = process.argv.slice(2)

// Killed at any moment by its parent, or runs to the end of the file.
const world = await openAnalytics({
  oddsFeed: seasonFeed(file),
  databaseUrl: `sqlite:${database}`,
})
const playing = world.play()
process.stdout.write('started\n')
await playing
await world[Symbol.asyncDispose]()
process.stdout.write('finished\n')
