import type { Federation } from '../differential/federation.ts'
import { atlas } from './atlas.ts'
import { bazaar } from './bazaar.ts'
import { cinema } from './cinema.ts'
import { clinic } from './clinic.ts'
import { exchange } from './exchange.ts'
import { forms } from './forms.ts'
import { garage } from './garage.ts'
import { library } from './library.ts'
import { meter } from './meter.ts'
import { press } from './press.ts'
import { warehouse } from './warehouse.ts'

/** Federations that between them use every directive of Federation 2. */
export const federations: readonly Federation[] = [
  library,
  warehouse,
  press,
  garage,
  cinema,
  forms,
  clinic,
  bazaar,
  meter,
  exchange,
  atlas,
]
