"""The customer's own page in French."""

from contacts.models.words import Channel
from surveys.own_page_words.shape import OwnPageWords

FRENCH = OwnPageWords(
    link="Pourquoi cette question, vos données et vos choix",
    title="Vous et {brand}",
    back="Retour à votre page",
    why="Pourquoi nous vous avons interrogé",
    why_visit="{brand} vous a interrogé sur {visit}.",
    why_program="La question fait partie de « {program} », qui interroge les clients après une telle expérience.",
    why_drawn="Environ {percent} clients sur 100 sont interrogés. Vous avez été tiré au sort.",
    contacts={
        0: "Ces 90 derniers jours, nous ne vous avons pas contacté.",
        1: "Ces 90 derniers jours, nous vous avons contacté une fois.",
    },
    contacts_more="Ces 90 derniers jours, nous vous avons contacté {times} fois.",
    again_from="Nous ne vous interrogerons plus avant : {date}.",
    again_any="Après votre prochaine expérience avec nous, nous pourrons vous interroger de nouveau.",
    again_never="Nous ne vous interrogerons plus : vous nous l’avez demandé, ou nous n’avons pas d’adresse valable.",
    became="Ce qu’est devenue votre réponse",
    became_nothing="Nous n’avons pas encore de réponse de vous.",
    became_kept="Votre dernière réponse : {date}. Elle est lue et comptée avec les autres.",
    became_open="Quelqu’un chez {brand} s’occupe de votre dernière réponse, au plus tard : {date}.",
    became_done="Ce que nous avons fait à la suite de votre réponse ({date}) : {action}",
    became_seen="Quelqu’un chez {brand} a examiné votre réponse ({date}).",
    choices="Ce que vous pouvez nous demander",
    in_force="Ce que vous avez demandé",
    prefer={
        Channel.EMAIL: "M’interroger par e-mail",
        Channel.SMS: "M’interroger par SMS",
        Channel.PHONE: "M’appeler plutôt",
    },
    noted_prefer={
        Channel.EMAIL: "Nous vous interrogeons par e-mail dès que possible.",
        Channel.SMS: "Nous vous interrogeons par SMS dès que possible.",
        Channel.PHONE: "Nous vous appelons dès que possible.",
    },
    pause="Me laisser tranquille un moment",
    pause_label="Jusqu’à quel jour ?",
    pause_button="Jusqu’à ce jour",
    pause_problem="Veuillez choisir un jour entre ces deux dates : {earliest} – {latest}.",
    resume="Annuler tout cela",
    stop="Ne plus recevoir de messages",
    data="Vos données",
    data_text="Tout ce que nous conservons sur vous, à lire ici ou à emporter ailleurs.",
    data_show="Voir mes données",
    data_file="Télécharger un fichier (JSON)",
    sections={
        "person": "Vous",
        "addresses": "Vos adresses",
        "experiences": "Vos expériences avec nous",
        "contacts": "Quand nous vous avons contacté",
        "refusals": "Ce que vous nous avez demandé d’arrêter",
        "wishes": "Ce que vous avez demandé",
        "appointments": "Les appels convenus",
        "decisions": "Quand nous avons décidé de vous interroger ou non",
        "messages": "Les messages que vous avez reçus",
        "answers": "Vos réponses",
        "texts": "Vos SMS",
        "calls": "Nos appels",
        "follow_ups": "Ce que nous avons fait à la suite de vos réponses",
        "notes": "Notes à ce sujet",
    },
    empty="Rien.",
    erase="Effacer mes données",
    erase_text="Nous effaçons votre nom, vos adresses, ce que vous avez écrit, ce qui vous a été écrit ou a été écrit "
    "sur vous, et ce qui permet de reconnaître l’expérience. C’est immédiat et définitif. Vous n’aurez plus "
    "de nouvelles de nous.",
    erase_stays="Ce qui reste : qu’une personne a été interrogée et quand, et les chiffres des réponses, sans rien qui "
    "mène à vous. Et un code tiré de vos adresses, dans lequel personne ne peut les lire, pour ne plus jamais y "
    "écrire.",
    erase_elsewhere="{brand} garde peut-être ailleurs des données sur vous, par exemple des commandes. Cette page ne "
    "les atteint pas.",
    erase_confirm="Oui, effacer tout ce qui me concerne",
    erase_button="Effacer maintenant",
    erase_unticked="Veuillez d’abord cocher la case, pour que rien ne soit effacé par erreur.",
    erased="Tout ce qui vous concerne est effacé",
    erased_text="Ce lien ne fonctionne plus, et vous n’aurez plus de nouvelles de nous.",
)
