"""Words that only join others and say nothing by themselves, in the languages in which customers write most.

Compact lists of our own, written as `wording.words` gives words: small letters, no apostrophes. What names a thing in
one of these languages stays, as comments are read whatever their language: a van or the door in English, though Dutch
joins with both. So do a bill, a call and a system, which lists made for searching leave out.
"""

_ENGLISH = """
a about above after again against all almost along already also although always am among an and another any anyone
anything are arent around as at be became because been before being below between both but by can cannot cant could
couldnt did didnt do does doesnt doing dont down during each either else ever every everyone everything for from
further get gets getting got had hadnt has hasnt have havent having he her here hers herself him himself his how
however i id if ill im in into is isnt it its itself ive just let like made make many may me might mine more most much
must my myself neither never no nobody none nor not nothing now of off often on once one only onto or other others our
ours ourselves out over own per perhaps please quite rather really same she should shouldnt since so some someone
something sometimes still such than that thats the their theirs them themselves then there theres these they theyre
this those though through to together too toward under until up upon us very was wasnt we well went were werent what
when where whether which while who whom whose why will with within without wont would wouldnt yet you youd youll your
youre yours yourself
"""
_GERMAN = """
ab aber alle allem allen aller alles als am an andere anderen auch auf aus bei beim bereits bis bisher da dabei dafür
dagegen daher damit danach dann daran darauf darüber das dass dazu dein dem den denn der des deshalb dich die dies
diese diesem diesen dieser dieses dir doch dort du durch eben ein eine einem einen einer eines einmal er erst es etwas
euch euer eure für gar ganz gegen gewesen hab habe haben hat hatte hatten hätte hier hinter ich ihm ihn ihnen ihr ihre
ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes jetzt kann kein keine keinem keinen keiner
konnte konnten können könnte mal mein meine meinem meinen meiner mich mir mit muss musste müssen nach nachdem nein
nicht nichts nie noch nun nur ob obwohl oder ohne schon sehr sei sein seine seinem seinen seiner seit selbst sich sie
sind so sogar soll sollte sondern sonst sowie trotz um und uns unser unsere unserem unseren unserer unter vom von vor
wann war waren warum was weder wegen weil weiter welche welcher wenn wer werde werden wie wieder wir wird wo wobei
wurde wurden würde während zu zum zur zwar zwischen über
"""
_FRENCH = """
ai ainsi alors après au aucun aucune aussi autre autres aux avais avait avant avec avoir avons ayant c ce ceci cela
celle celui ces cet cette chaque chez comme comment d dans de depuis des donc dont du elle elles en encore entre est
et eu eux fait faut il ils jai jamais je jusqu l la le les leur leurs lors lorsque lui là ma mais malgré me mes moi
moins mon même na ne ni non nos notre nous on ont ou où par parce pas pendant peu peut plusieurs pour pourquoi
pourtant qu quand que quel quelle quelques qui quil quils quoi sa sans se sera ses si soit sommes sont sous suis sur
ta tes toi ton toujours tous tout toute toutes très trop tu un une vers voici voilà vos votre vous y à ça était
étaient étais été être
"""
_SPANISH = """
a al algo alguna algunas alguno algunos ante antes aquel aquella aquí así aunque cada casi como con cual cuando cuanto
da de del desde donde dos durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta estaba estado
estamos estas este esto estos está están fue fueron ha haber había han has hasta hay he hemos la las le les lo los me
mi mientras mis muy más mí nada ni ningún ninguna no nos nosotros nuestra nuestro nunca o otra otras otro otros para
pero poco por porque pues que quien qué se sea ser si siempre sido sin sino sobre solo son soy su sus sí también tan
tanto te tenía ti tiene tienen todas todavía todo todos tras tu tus tú un una uno unos usted ustedes y ya yo él
"""
_ITALIAN = """
a abbiamo ad adesso agli ai al alla alle allo anche ancora avere aveva avevo c che chi ci ciò come con contro cosa
così cui d da dagli dai dal dalla dalle degli dei del della delle dello di dopo dove e ed era erano ero essere fa fino
fra gli ha hanno ho i il in io l la le lei li lo loro lui ma mai me mentre mi mia mie miei mio molto ne negli nei nel
nella nelle nessun nessuna nessuno niente noi non nostra nostro o ogni oppure per perché perciò però più poi prima può
qualche quale quando quanto quella quelle quelli quello questa queste questi questo qui quindi se sei sempre senza si
sia siamo sono sta stata stati stato su sua subito sue sui sul sulla suo suoi te ti tra troppo tu tua tuo tutta tutte
tutti tutto un una uno vi voi vostra vostro è
"""
_PORTUGUESE = """
a ainda algo alguma algumas alguns algum ao aos apenas após as assim até cada com como contra da das de dela dele
deles depois desde do dos durante e ela elas ele eles em enquanto entre era eram essa esse esta estava estavam este
estou está estão eu foi foram há isso isto já lhe lá mais mas me mesmo meu meus mim minha minhas muito na nada nas nem
nenhum nenhuma no nos nossa nosso nunca não nós o onde os ou outra outras outro outros para pela pelas pelo pelos pois
por porque porém pra quais qual quando que quem se sem sempre ser seu seus sido sob sobre sua suas só também tem tenho
ter teve tinha toda todas todo todos tudo um uma umas uns você vocês vos é
"""
_DUTCH = """
aan al alle alleen alles als altijd andere anders ben bij daar dan dat de deze die dit doen dus een eens en er ergens
geen geweest haar had hadden heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je jij jullie kan kon
konden kunnen maar me meer men met mij mijn moest moet moeten na naar niet niets nog nooit nu of om omdat onder ons
onze ook op over reeds sinds sommige steeds te tegen toch toen tot tussen u uit uw veel voor want waren was wat we wel
welke werd werden weer wie wij worden wordt zal ze zei zeer zelf zich zij zijn zo zonder zou zouden
"""

JOINING = frozenset(
    word for words in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _ITALIAN, _PORTUGUESE, _DUTCH) for word in words.split()
)
"""The words of all these languages."""
