// Holds a data folder as a running platform does, until it is killed.
import { holdDataDir } from '../../kernel/serve/data-dir.ts'

await holdDataDir(process.argv[2])
process.send('held')
setInterval(() => {}, 60_000)
