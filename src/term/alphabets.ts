/**
 * The words of each spelling alphabet: A … Z and then 0 … 9, 36 words per language.
 * - A national or international standard is used if there is one. Otherwise it is the list that directories and phrase
 *   books of the country print.
 * - `docs/spelling.md` has the same tables for people.
 * - Each word occurs once per language, and begins with its letter.
 */
export type Alphabet = {
  readonly name: string
  /** Another name for --spell, besides the language. */
  readonly alias: string
  readonly source: string
  readonly words: string
}

export const ALPHABETS = {
  en: {
    name: 'English, NATO',
    alias: 'nato',
    source: 'ICAO Annex 10 II, 5.2.1.3; Alfa and Juliett are its spellings',
    words:
      'Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec ' +
      'Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu zero one two three four five six seven eight nine',
  },
  de: {
    name: 'Deutsch, DIN 5009',
    alias: 'din5009',
    source: 'DIN 5009:2022-06, the table for business and administration',
    words:
      'Aachen Berlin Chemnitz Düsseldorf Essen Frankfurt Goslar Hamburg Ingelheim Jena Köln Leipzig München Nürnberg ' +
      'Offenbach Potsdam Quickborn Rostock Salzwedel Tübingen Unna Völklingen Wuppertal Xanten Ypsilon Zwickau ' +
      'null eins zwei drei vier fünf sechs sieben acht neun',
  },
  'de-ch': {
    name: 'Deutsch, Schweiz',
    alias: 'schweiz',
    source: 'the Swiss telephone alphabet (de.wikipedia.org, Buchstabiertafel; buchstabieralphabet.org)',
    words:
      'Anna Berta Cäsar Daniel Emil Friedrich Gustav Heinrich Ida Jakob Kaiser Leopold Marie Niklaus Otto Peter Quasi ' +
      'Rosa Sophie Theodor Ulrich Viktor Wilhelm Xaver Yverdon Zürich ' +
      'null eins zwei drei vier fünf sechs sieben acht neun',
  },
  fr: {
    name: 'Français',
    alias: 'france',
    source: 'the first names of the French post (fr.wikipedia.org, Alphabet radio)',
    words:
      'Anatole Berthe Célestin Désiré Eugène François Gaston Henri Irma Joseph Kléber Louis Marcel Nicolas Oscar Pierre ' +
      'Quintal Raoul Suzanne Thérèse Ursule Victor William Xavier Yvonne Zoé ' +
      'zéro un deux trois quatre cinq six sept huit neuf',
  },
  it: {
    name: 'Italiano',
    alias: 'italia',
    source: 'the towns of the alfabeto telefonico, J K W X Y as the city of Bologna prints them (comune.bologna.it)',
    words:
      'Ancona Bologna Como Domodossola Empoli Firenze Genova Hotel Imola Jolly Kursaal Livorno Milano Napoli Otranto ' +
      'Palermo Quarto Roma Savona Torino Udine Venezia Washington Xeres Yacht Zara ' +
      'zero uno due tre quattro cinque sei sette otto nove',
  },
  es: {
    name: 'Español',
    alias: 'españa',
    source: 'the telephone alphabet of Spain (en.wiktionary.org, Spanish spelling alphabet); Xilófono for its Xiquena',
    words:
      'Antonio Barcelona Carmen Dolores Enrique Francia Gerona Historia Inés José Kilo Lorenzo Madrid Navarra Oviedo ' +
      'París Querido Ramón Sábado Tarragona Ulises Valencia Washington Xilófono Yegua Zaragoza ' +
      'cero uno dos tres cuatro cinco seis siete ocho nueve',
  },
  pt: {
    name: 'Português',
    alias: 'portugal',
    source: 'the telephone alphabet of Portugal (en.wiktionary.org, Portuguese spelling alphabet)',
    words:
      'Aveiro Braga Coimbra Dafundo Évora Faro Guarda Horta Itália José Kodak Lisboa Maria Nazaré Ovar Porto Queluz ' +
      'Rossio Setúbal Tavira Unidade Vidago Waldemar Xavier York Zulmira ' +
      'zero um dois três quatro cinco seis sete oito nove',
  },
  nl: {
    name: 'Nederlands',
    alias: 'nederland',
    source:
      'the list of the Genootschap Onze Taal (historiek.net, Nederlands telefoonalfabet), its first name for each',
    words:
      'Anna Bernard Cornelis Dirk Eduard Ferdinand Gerard Hendrik Isaak Jan Karel Lodewijk Maria Nico Otto Pieter ' +
      'Quotiënt Rudolf Simon Teunis Utrecht Victor Willem Xantippe Ypsilon Zaandam ' +
      'nul één twee drie vier vijf zes zeven acht negen',
  },
} as const satisfies Readonly<Record<string, Alphabet>>
