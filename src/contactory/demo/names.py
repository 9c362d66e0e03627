"""Common first and family names of many languages and scripts, combined into invented persons."""

from __future__ import annotations

from typing import Final, NamedTuple


class Locale(NamedTuple):
    """A language, its country's calling code, and names in its script."""

    language: str
    calling_code: str
    men: list[str]
    women: list[str]
    families: list[str]


def _locale(language: str, calling_code: str, men: str, women: str, families: str) -> Locale:
    return Locale(language, calling_code, men.split(","), women.split(","), families.split(","))


# Among them on purpose: prefixes and spaces, apostrophes of both kinds, hyphens, accents written as marks of
# their own, dotted and dotless i, text from right to left, a character beyond 16 bits (𠮷).
LOCALES: Final = [
    _locale(
        "NL",
        "31",
        "Jan,Willem,Sjoerd,Daniël,Ruben,André,Kees-Jan,Teun",
        "Anna,Zoë,Fenne,Loïs,Marieke,Anne-Fleur,Noor,Zoe\u0308",
        "de Vries,van den Berg,Jansen,van 't Hof,'s-Gravendijk,Çelik-Bakker,van der Meer-Smit,IJsselstein",
    ),
    _locale(
        "EN",
        "44",
        "James,Oliver,Liam,Rhys,Seán,Tom,Ibrahim,Sam",
        "Olivia,Aoife,Siân,Mary-Ann,Grace,Zara,Erin,Beth",
        "Smith,O'Neill,O’Brien,MacDonald,D'Arcy,Ó Súilleabháin,Taylor-Jones,St. John",
    ),
    _locale(
        "DE",
        "49",
        "Jürgen,Björn,Matthias,Karl-Heinz,Jörg,Götz,Emil,Paul",
        "Käthe,Hannelore,Marie-Luise,Jördis,Lena,Grit,Ute,Anja",
        "Müller,Groß,Schäfer,von der Heide,Weiß-Krüger,Löwenthal,Fuchs,Graf zu Tannenstein",
    ),
    _locale(
        "FR",
        "33",
        "François,Jean-Luc,Loïc,Étienne,Gaël,Rémi,Noël,Maël",
        "Héloïse,Chloé,Anaïs,Marie-Thérèse,Inès,Zélie,Océane,Maÿlis",
        "Lefèvre,d'Amboise,N’Diaye,L'Hermite,Dupré-Saint-Val,Le Goff,Garçon,Benoît",
    ),
    _locale(
        "ES",
        "34",
        "José,Jose\u0301,Íñigo,Ángel,Adrián,Martín,Óscar,Joaquín",
        "María José,Begoña,Núria,Inés,Lucía,Pilar,Rocío,Ainhoa",
        "Muñoz,García López,de la Fuente,Ibáñez y Peña,Güell,Núñez,Sáenz-Ortiz,Martínez",
    ),
    _locale(
        "PL",
        "48",
        "Łukasz,Michał,Grzegorz,Stanisław,Wojciech,Jędrzej",
        "Małgorzata,Agnieszka,Żaneta,Zofia,Elżbieta,Róża",
        "Wójcik,Kowalska-Nowak,Zieliński,Dąbrowska,Święch,Żółkoś",
    ),
    _locale(
        "TR",
        "90",
        "İsmail,Çağrı,Oğuz,Şahin,Işık,Gökhan",
        "Ayşe,Gülşah,İpek,Çiğdem,Özlem,Elif",
        "Yılmaz,Öztürk,Çelik,Şimşek,Aydın,Iğdırlı",
    ),
    _locale(
        "VI",
        "84",
        "Văn Hùng,Đức,Minh,Quốc Anh,Thắng",
        "Thị Hương,Lan Phượng,Ngọc Ánh,Mỹ Linh,Thu",
        "Nguyễn,Nguye\u0302\u0303n,Trần,Phạm,Đặng,Võ",
    ),
    _locale(
        "EL",
        "30",
        "Γιώργος,Νίκος,Αλέξανδρος,Δημήτρης,Θωμάς",
        "Ελένη,Μαρία,Αικατερίνη,Δέσποινα,Ζωή",
        "Παπαδόπουλος,Οικονόμου,Ιωαννίδη,Καραγιάννης,Χατζή",
    ),
    _locale(
        "RU",
        "7",
        "Иван,Алексей,Сергей,Юрий,Фёдор",
        "Екатерина,Наталья,Анна-Мария,Ольга,Софья",
        "Смирнова,Кузнецов,Соловьёв,Щербакова,Римский",
    ),
    _locale(
        "UK",
        "380",
        "Олександр,Дмитро,Тарас,Юрій,Ґео",
        "Оксана,Мар'яна,Лідія,Софія,Їлена",
        "Шевчук,Коваленко,Лук'яненко,Ткаченко,Гнатюк",
    ),
    _locale(
        "AR",
        "962",
        "محمد,أحمد,عبد الرحمن,يوسف,عليّ",
        "فاطمة,مريم,نور الهدى,ليلى,عائشة",
        "الحداد,بن سالم,النجّار,الخطيب,أبو زيد",
    ),
    _locale("HE", "972", "דוד,יוסף,נועם,אריאל,שִׁמְעוֹן", "שרה,נועה,תמר,מיכל,יעל", "כהן,לוי,בן-דוד,מזרחי,צ'רנין"),
    _locale(
        "HI",
        "91",
        "राहुल,अर्जुन,कृष्ण,विक्रम,ज्ञानेश",
        "प्रिया,अनन्या,लक्ष्मी,दीक्षा,श्रेया",
        "शर्मा,त्रिपाठी,वर्मा,कुलकर्णी,सिंह",
    ),
    _locale(
        "TH", "66", "สมชาย,ธนพล,กิตติศักดิ์,วิชัย,ณัฐ", "สุดารัตน์,พิมพ์ใจ,น้ำฝน,ศิริพร,มาลี", "ใจดี,ศรีสุข,ทองคำ,วงศ์ใหญ่,แก้วมณี"
    ),
    _locale("ZH", "86", "伟,建国,子轩,浩然,志强", "芳,秀英,欣怡,雨桐,丽娜", "王,李,欧阳,諸葛,陳"),
    _locale(
        "JA",
        "81",
        "太郎,健一,ショーン,翔太,ひろし",
        "さくら,美咲,陽子,エミリー,ゆうこ",
        "佐藤,𠮷田,髙橋,渡邉,カトウ",
    ),
    _locale("KO", "82", "민준,서준,지훈,현우,도윤", "서연,지우,하은,수빈,예은", "김,이,박,남궁,황보"),
]
