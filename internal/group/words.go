package group

import "strings"

// wordMap returns the set of the words in a text.
func wordMap(spaced string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(spaced) {
		m[w] = true
	}
	return m
}

// productNames are names with digits that are not values.
var productNames = wordsOf("s3 ec2 k8s k3s x509 http2 http3 h2 h2c utf8 utf-8 utf16 utf-16 ipv4 ipv6 ip4 ip6 oauth2 oauth1 sha1 sha2 sha256 sha512 md5 base64 base32 rsa2048" +
	" log4j log4j2 i18n l10n win32 x86 x64 x86_64 amd64 arm64 aarch64 3ds tls1 tls1.2 tls1.3 tlsv1 tlsv1.2 tlsv1.3 ssl3 mp3 mp4 h264 h265 ext4 ext3 web3 neo4j db2 v8 php7 php8 python2 python3" +
	" smtp2 imap4 pop3 http/1.1 http/1.0 http/2 http/2.0 layer4 layer7 l4 l7 e2e p2p b2b b2c 2fa u2f fido2 m2m o365 d3 y2k k6 g1 ps2 rs232 vt100 ieee802 a11y crc32 crc32c lz4 bz2 zstd1 snappy1 unix2dos")

// codeWords are words after which a number is a meaningful code.
var codeWords = wordsOf("http status error code errno statuscode exitcode errorcode")

// dotEndings are top-level domains and file name extensions. A word with a dot and another ending is a name, such as that of a class.
var dotEndings = wordsOf("com org net io edu gov int local localdomain internal svc lan corp home test example invalid dev app cloud ai co us uk de fr es it nl be ch at se no dk fi pl cz ru ua cn jp kr in br au ca eu info biz xyz" +
	" log json xml yml yaml toml ini conf cfg config env csv tsv txt md html htm css js mjs ts tsx jsx map py pyc go rs rb java jar war class kt scala c h cc cpp hpp cs php pl sh bat ps1 sql db sqlite lua" +
	" gz zip tar tgz bz2 xz zst rar 7z pdf png jpg jpeg gif svg webp ico bmp mp3 mp4 mov avi wav webm doc docx xls xlsx ppt pptx odt parquet avro orc proto pb bin dat dump bak tmp swp pid sock lock pem crt key cer csr p12 pfx jks" +
	" so dll exe dylib o a lib img iso rpm deb apk ipa whl gem tpl tmpl j2 properties service socket timer mount")

// weekdays are values. They begin with a capital.
var weekdays = wordsOf("Monday Tuesday Wednesday Thursday Friday Saturday Sunday Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag Lundi Mardi Mercredi Jeudi Vendredi Samedi Dimanche")

// units are words that belong to the value before them.
var units = wordsOf("b kb mb gb tb pb kib mib gib tib byte bytes kilobytes megabytes gigabytes bit bits kbit mbit gbit kbps mbps gbps bps kb/s mb/s gb/s mib/s kib/s b/s" +
	" ns us µs μs ms msec msecs millis milliseconds millisecond microseconds nanoseconds s sec secs second seconds m min mins minute minutes h hr hrs hour hours d day days week weeks month months year years" +
	" % percent pct px pt °c °f ° rpm hz khz mhz ghz c f k rps qps tps iops req/s ops/s" +
	" eur usd gbp chf jpy € $ £" +
	" sekunde sekunden minute minuten stunde stunden tag tage tagen woche wochen monat monate jahr jahre prozent" +
	" seconde secondes heure heures jour jours semaine semaines mois octets octet ko mo go" +
	" с сек секунд секунды секунда мин минут минуты часов часа дней дня мс байт кб мб гб" +
	" 秒 分 分钟 小时 天 日 年 月 毫秒 个 次 条 件 ミリ秒 時間 分間 秒間 회 초 분 시간 일")

// dateWords belong to a value before or after them: months and days. They begin with a capital.
var dateWords = wordsOf("Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Sept Oct Nov Dec January February March April June July August September October November December" +
	" Januar Februar März Mai Juni Juli Oktober Dezember")

// capitalWords belong to a value before or after them: time zones and currencies in capitals.
var capitalWords = wordsOf("UTC GMT CET CEST EST EDT PST PDT CST CDT MST MDT BST IST JST MSK AM PM USD EUR GBP CHF JPY")

// meaningWords are meaningful: messages that differ in one of them are different.
var meaningWords = wordMap("a an the of in on at by to from for with and or not no but if when is are was has have do can could must this that any all none only still never" +
	" fail failure success ok error exception fatal critical panic open close start stop begin end finish complete connect accept reject refuse up down off true false yes null nil undefined" +
	" read write got get set post delete patch put head options insert update create drop remove add load save fetch valid found missing exist known empty full ready live timeout expire reset forbidden lost broken" +
	" abort cancel kill crash exit stuck block lock login logout send sent receive request response query upload download acquire release commit retry skip ignore mount attach register join run pending waiting idle busy" +
	" encode encrypt parse compile verify mismatch duplicate corrupt overflow min max first last high low new client server primary replica leader follower local remote input output inbound outbound source destination" +
	" debug info warn warning trace notice alert emergency" +
	" nicht kein keine fehler fehlgeschlagen erfolg gestartet beendet geschlossen verbunden getrennt gefunden fehlt abgelehnt verweigert abgebrochen voll leer bereit neu alt ein aus an ab und oder ist war wird von zu mit" +
	" erreur échec succès démarré arrêté fermé ouvert connecté trouvé introuvable refusé annulé plein vide prêt le la les un une des du et ou est pas sans" +
	" ошибка сбой успех запущен остановлен закрыт открыт найден потерян отказ готов нет не да и или")

// meaningEndings are endings of meaningful words with at least six letters.
var meaningEndings = []string{"ed", "able", "ible", "Error", "Exception", "Failure", "Fault", "Warning"}

// meaningKeys are keys whose values are meaningful.
var meaningKeys = wordMap("reason error err errno code status state cause type kind level severity result outcome action op operation event method verb phase step stage exception msg message desc description detail signal category class mode role")

// isUnit reports whether a word belongs to the value before it.
func isUnit(w string) bool { return units.has(w) || isAdjacent(w) }

// isAdjacent reports whether a word belongs to a value before or after it.
func isAdjacent(w string) bool {
	if w[0]-'A' >= 26 || len(w) < 2 {
		return false
	}
	if w[1]-'A' < 26 {
		return capitalWords.has(w)
	}
	return dateWords.has(w)
}

// isMeaningful reports whether a word is meaningful, so that messages that differ in it belong to different groups.
func isMeaningful(w string) bool {
	if len(w) > 24 {
		return false
	}
	for _, ending := range meaningEndings {
		if len(w) >= 6 && strings.HasSuffix(w, ending) {
			return true
		}
	}
	if has(meaningWords, w) {
		return true
	}
	for _, ending := range [...]string{"s", "es", "ing"} {
		if base, ok := strings.CutSuffix(w, ending); ok && (ending != "s" || len(w) >= 5) && (has(meaningWords, base) || has(meaningWords, base+"e")) {
			return true
		}
	}
	for _, prefix := range [...]string{"un", "in", "dis", "re"} {
		if base, ok := strings.CutPrefix(w, prefix); ok && len(base) > 2 && has(meaningWords, base) {
			return true
		}
	}
	return false
}
