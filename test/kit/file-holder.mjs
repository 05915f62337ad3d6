// Holds a SQLite file exclusively for a moment, in a process of its own, and says when it has it.
import { DatabaseSync } from 'node:sqlite'

const HELD_MS = 300

const database = new DatabaseSync(process.argv[2])
database.exec('create table held (id integer); begin exclusive; insert into held values (1)')
process.send('held')
setTimeout(() => {
  database.exec('commit')
  database.close()
  process.disconnect()
}, HELD_MS)
