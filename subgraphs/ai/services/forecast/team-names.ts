/**
 * Clubs of the five leagues as odds feeds write them, each with the model's name of its team. Whoever writes the
 * model's own name needs no row. Spellings are matched as `foldName` leaves them.
 */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  // England
  Arsenal: ['Arsenal FC'],
  'Aston Villa': ['Aston Villa FC'],
  Bournemouth: ['AFC Bournemouth'],
  Brentford: ['Brentford FC'],
  Brighton: ['Brighton and Hove Albion', 'Brighton and Hove Albion FC'],
  Burnley: ['Burnley FC'],
  Chelsea: ['Chelsea FC'],
  Coventry: ['Coventry City'],
  'Crystal Palace': ['Crystal Palace FC'],
  Everton: ['Everton FC'],
  Fulham: ['Fulham FC'],
  Hull: ['Hull City'],
  Ipswich: ['Ipswich Town'],
  Leeds: ['Leeds United'],
  Leicester: ['Leicester City'],
  Liverpool: ['Liverpool FC'],
  Luton: ['Luton Town'],
  'Man City': ['Manchester City', 'Manchester City FC'],
  'Man United': ['Manchester United', 'Manchester United FC', 'Manchester Utd', 'Man Utd'],
  Middlesbrough: ['Middlesbrough FC'],
  Newcastle: ['Newcastle United', 'Newcastle United FC'],
  "Nott'm Forest": ['Nottingham Forest', 'Nottingham Forest FC'],
  'Sheffield United': ['Sheffield United FC', 'Sheffield Utd'],
  Southampton: ['Southampton FC'],
  Sunderland: ['Sunderland AFC', 'AFC Sunderland'],
  Tottenham: ['Tottenham Hotspur', 'Tottenham Hotspur FC'],
  'West Ham': ['West Ham United', 'West Ham United FC'],
  Wolves: ['Wolverhampton Wanderers', 'Wolverhampton Wanderers FC'],
  // Spain
  Alaves: ['Deportivo Alavés', 'Alavés'],
  Almeria: ['UD Almería'],
  'Ath Bilbao': ['Athletic Bilbao', 'Athletic Club'],
  'Ath Madrid': ['Atlético Madrid', 'Atlético de Madrid', 'Club Atlético de Madrid'],
  Barcelona: ['FC Barcelona'],
  Betis: ['Real Betis', 'Real Betis Balompié'],
  Cadiz: ['Cádiz CF'],
  Celta: ['Celta Vigo', 'Celta de Vigo', 'RC Celta', 'RC Celta de Vigo'],
  Elche: ['Elche CF'],
  Espanol: ['Espanyol', 'RCD Espanyol', 'RCD Espanyol de Barcelona'],
  Getafe: ['Getafe CF'],
  Girona: ['Girona FC'],
  Granada: ['Granada CF'],
  'La Coruna': ['Deportivo La Coruña', 'RC Deportivo de La Coruña'],
  'Las Palmas': ['UD Las Palmas'],
  Leganes: ['CD Leganés'],
  Levante: ['Levante UD'],
  Mallorca: ['RCD Mallorca', 'Real Mallorca'],
  Osasuna: ['CA Osasuna'],
  Oviedo: ['Real Oviedo'],
  'Real Madrid': ['Real Madrid CF'],
  Santander: ['Racing Santander', 'Racing de Santander'],
  Sevilla: ['Sevilla FC'],
  Sociedad: ['Real Sociedad', 'Real Sociedad de Fútbol'],
  Valencia: ['Valencia CF'],
  Valladolid: ['Real Valladolid', 'Real Valladolid CF'],
  Vallecano: ['Rayo Vallecano', 'Rayo Vallecano de Madrid'],
  Villarreal: ['Villarreal CF'],
  // Italy
  Atalanta: ['Atalanta BC', 'Atalanta Bergamo'],
  Bologna: ['Bologna FC', 'Bologna FC 1909'],
  Cagliari: ['Cagliari Calcio'],
  Como: ['Como 1907'],
  Cremonese: ['US Cremonese'],
  Empoli: ['Empoli FC'],
  Fiorentina: ['ACF Fiorentina'],
  Frosinone: ['Frosinone Calcio'],
  Genoa: ['Genoa CFC'],
  Inter: ['Inter Milan', 'Internazionale', 'FC Internazionale Milano'],
  Juventus: ['Juventus FC', 'Juventus Turin'],
  Lazio: ['SS Lazio', 'Lazio Rome'],
  Lecce: ['US Lecce'],
  Milan: ['AC Milan'],
  Monza: ['AC Monza'],
  Napoli: ['SSC Napoli'],
  Parma: ['Parma Calcio', 'Parma Calcio 1913'],
  Roma: ['AS Roma'],
  Salernitana: ['US Salernitana', 'US Salernitana 1919'],
  Sassuolo: ['US Sassuolo', 'Sassuolo Calcio'],
  Torino: ['Torino FC'],
  Udinese: ['Udinese Calcio'],
  Venezia: ['Venezia FC'],
  Verona: ['Hellas Verona', 'Hellas Verona FC'],
  // Germany
  Augsburg: ['FC Augsburg'],
  'Bayern Munich': ['FC Bayern München', 'Bayern München', 'FC Bayern Munich'],
  Bochum: ['VfL Bochum', 'VfL Bochum 1848'],
  Darmstadt: ['SV Darmstadt 98', 'Darmstadt 98'],
  Dortmund: ['Borussia Dortmund', 'BVB Dortmund'],
  'Ein Frankfurt': ['Eintracht Frankfurt'],
  'FC Koln': ['1. FC Köln', 'FC Cologne', 'Köln'],
  Freiburg: ['SC Freiburg'],
  Hamburg: ['Hamburger SV', 'HSV'],
  Heidenheim: ['1. FC Heidenheim', '1. FC Heidenheim 1846', 'FC Heidenheim'],
  Hertha: ['Hertha BSC', 'Hertha Berlin'],
  Hoffenheim: ['TSG Hoffenheim', 'TSG 1899 Hoffenheim'],
  Leverkusen: ['Bayer Leverkusen', 'Bayer 04 Leverkusen'],
  Mainz: ['FSV Mainz 05', '1. FSV Mainz 05', 'Mainz 05'],
  "M'gladbach": ['Borussia Mönchengladbach', 'Mönchengladbach'],
  'RB Leipzig': ['RasenBallsport Leipzig', 'Red Bull Leipzig'],
  'Schalke 04': ['FC Schalke 04', 'Schalke'],
  'St Pauli': ['FC St. Pauli', 'St. Pauli'],
  Stuttgart: ['VfB Stuttgart'],
  'Union Berlin': ['1. FC Union Berlin', 'FC Union Berlin'],
  'Werder Bremen': ['SV Werder Bremen', 'Bremen'],
  Wolfsburg: ['VfL Wolfsburg'],
  // France
  Angers: ['Angers SCO', 'SCO Angers'],
  Auxerre: ['AJ Auxerre'],
  Brest: ['Stade Brestois', 'Stade Brestois 29'],
  Clermont: ['Clermont Foot', 'Clermont Foot 63'],
  'Le Havre': ['Le Havre AC', 'AC Le Havre'],
  Lens: ['RC Lens'],
  Lille: ['Lille OSC', 'LOSC Lille'],
  Lorient: ['FC Lorient'],
  Lyon: ['Olympique Lyonnais', 'Olympique Lyon'],
  Marseille: ['Olympique de Marseille', 'Olympique Marseille'],
  Metz: ['FC Metz'],
  Monaco: ['AS Monaco'],
  Montpellier: ['Montpellier HSC', 'Montpellier Hérault SC'],
  Nantes: ['FC Nantes'],
  Nice: ['OGC Nice'],
  'Paris SG': ['Paris Saint-Germain', 'Paris Saint Germain', 'Paris Saint-Germain FC', 'PSG'],
  Reims: ['Stade de Reims'],
  Rennes: ['Stade Rennais', 'Stade Rennais FC'],
  'St Etienne': ['AS Saint-Étienne', 'Saint-Étienne'],
  Strasbourg: ['RC Strasbourg', 'RC Strasbourg Alsace', 'Racing Club de Strasbourg'],
  Toulouse: ['Toulouse FC'],
}

/** Without accents, in small letters, with plain spaces for whatever is neither letter nor digit; `&` is `and`. */
function foldName(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return plain
    .replace(/&/g, ' and ')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
}

const TEAM_BY_ALIAS: ReadonlyMap<string, string> = new Map(
  Object.entries(ALIASES).flatMap(([team, aliases]) =>
    aliases.map((alias) => [foldName(alias), team] as const),
  ),
)

/** Every spelling beside the model's own, with the team that it means; for whoever wants to look through them. */
export const TEAM_ALIASES: readonly { readonly alias: string; readonly team: string }[] =
  Object.entries(ALIASES).flatMap(([team, aliases]) => aliases.map((alias) => ({ alias, team })))

/**
 * The model's name of a team that a feed names: its own name where the model knows it, else that of the alias, else
 * the name as it came.
 */
export function teamNameOf(name: string, isKnown: (team: string) => boolean): string {
  if (isKnown(name)) return name
  const team = TEAM_BY_ALIAS.get(foldName(name))
  return team !== undefined && isKnown(team) ? team : name
}
