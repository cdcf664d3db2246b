"""Texts of many languages, by the encoding that they were saved in."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[tuple[str, str], str]] = {
    ("gb18030", "zh"): (
        "姓名,城市,备注\n"
        "张伟,北京市朝阳区,高级工程师\n"
        "王芳,上海市浦东新区,项目经理\n"
        "李娜,广州市天河区,销售代表\n"
    ),
    ("gb18030", "zh2"): ("a,b\n1,张伟\n2,王芳\n"),
    ("gb18030", "zh1"): ("id,name\n1,李\n"),
    ("cp950", "tw"): ("姓名,城市\n陳大文,台北市信義區\n林美麗,高雄市\n"),
    ("cp950", "tw1"): ("id,name\n1,陳大文\n"),
    ("cp932", "ja"): (
        "名前,住所,備考\n"
        "山田太郎,東京都新宿区,営業部\n"
        "鈴木花子,大阪府大阪市,総務部\n"
        "さとう,カタカナ,ひらがな\n"
    ),
    ("cp932", "ja1"): ("id,name\n1,山田太郎\n"),
    ("euc_jp", "ja"): (
        "名前,住所,備考\n"
        "山田太郎,東京都新宿区,営業部\n"
        "鈴木花子,大阪府大阪市,総務部\n"
        "さとう,カタカナ,ひらがな\n"
    ),
    ("cp949", "ko"): ("이름,도시\n김철수,서울특별시\n이영희,부산광역시\n"),
    ("cp1250", "cs"): (
        "Jméno,Město\n"
        "Řehoř Čapek,Plzeň\n"
        "Žofie Dvořáková,České Budějovice\n"
        "Jiří Šťastný,Příbram\n"
    ),
    ("cp1250", "pl"): (
        "Imię,Miasto\nZażółć,Łódź\nGęślą,Kraków\nJaźń,Gdańsk\nŚwiętosław,Wrocław\n"
    ),
    ("iso8859_2", "pl"): (
        "Imię,Miasto\nZażółć,Łódź\nGęślą,Kraków\nJaźń,Gdańsk\nŚwiętosław,Wrocław\n"
    ),
    ("iso8859_2", "hu"): (
        "Név,Város\n"
        "Kőműves Ágnes,Győr\n"
        "Szűcs Lőrinc,Székesfehérvár\n"
        "Tűzoltó,Hódmezővásárhely\n"
    ),
    ("cp852", "pl"): (
        "Imię,Miasto\nZażółć,Łódź\nGęślą,Kraków\nJaźń,Gdańsk\nŚwiętosław,Wrocław\n"
    ),
    ("cp1250", "hu"): (
        "Név,Város\n"
        "Kőműves Ágnes,Győr\n"
        "Szűcs Lőrinc,Székesfehérvár\n"
        "Tűzoltó,Hódmezővásárhely\n"
    ),
    ("cp1250", "hu1"): ("id,city\n1,Győr\n"),
    ("cp1250", "hr"): (
        "Ime,Grad\nIvana Kovačić,Šibenik\nĐuro Žagar,Čakovec\nMarko Horvat,Zagreb\n"
    ),
    ("cp1250", "hr1"): ("Ime,Grad\nIvana Kovač,Split\nMarko Horvat,Zagreb\n"),
    ("cp1250", "ro"): (
        "Nume,Oraş\n"
        "Ştefan Ionescu,Bucureşti\n"
        "Ţepeş,Târgu Mureş\n"
        "Cătălin,Iaşi\n"
        "Mărăşeşti,România\n"
    ),
    ("cp1250", "sk"): (
        "Meno,Mesto\n"
        "Ľubica Šťastná,Košice\n"
        "Ján Kováč,Žilina\n"
        "Ďurďa,Bratislava\n"
        "Mäso,Piešťany\n"
    ),
    ("cp1251", "ru"): (
        "Имя,Город\nИван Петров,Москва\nОльга Смирнова,Санкт-Петербург\n"
    ),
    ("cp1251", "ru1"): ("id,name\n1,Иван\n"),
    ("cp1251", "uk"): (
        "Ім'я,Місто\nОлексій Шевченко,Київ\nЇжак Ґалаґан,Чернівці\nЄва,Львів\n"
    ),
    ("koi8_r", "ru"): (
        "Имя,Город\nИван Петров,Москва\nОльга Смирнова,Санкт-Петербург\n"
    ),
    ("iso8859_5", "ru"): (
        "Имя,Город\nИван Петров,Москва\nОльга Смирнова,Санкт-Петербург\n"
    ),
    ("cp866", "ru"): (
        "Имя,Город\nИван Петров,Москва\nОльга Смирнова,Санкт-Петербург\n"
    ),
    ("cp1253", "el"): (
        "Όνομα,Πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\nΜαρία,Θεσσαλονίκη\nΆννα,Άρτα\n"
    ),
    ("iso8859_7", "el"): (
        "Όνομα,Πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\nΜαρία,Θεσσαλονίκη\nΆννα,Άρτα\n"
    ),
    ("cp1254", "tr"): (
        "Ad,Şehir\nAyşe Yılmaz,İstanbul\nÇağrı Şahin,Eskişehir\nGüneş,Diyarbakır\n"
    ),
    ("cp1255", "he"): ("שם,עיר\nדוד כהן,ירושלים\nשרה לוי,תל אביב\n"),
    ("cp1256", "ar"): ("اسم,مدينة\nمحمد علي,القاهرة\nفاطمة,الرياض\n"),
    ("cp1257", "lt"): (
        "Vardas,Miestas\nŽydrūnas,Šiauliai\nRūta,Panevėžys\nĄžuolas,Klaipėda\n"
    ),
    ("cp1257", "lv"): (
        "Vārds,Pilsēta\nJānis Bērziņš,Rīga\nĢirts Kalniņš,Liepāja\nŅina,Jūrmala\n"
    ),
    ("cp1252", "de"): (
        "Name;Größe\nMüller;ß\nJürgen Schröder;Köln\nBäcker Straße;Düsseldorf\n"
    ),
    ("cp1252", "de1"): ("Name;Ort\nMüller;Ulm\n"),
    ("cp1252", "deeuro"): (
        "Nr.;Größe;Preis\r\n1;12,5;1.234,50 €\r\n2;13,5;99,90 €\r\n"
    ),
    ("cp1252", "fr"): (
        "Prénom,Été\n"
        "Zoé,çà\n"
        "François,Orléans\n"
        "Hélène,Besançon\n"
        "Noël,Île-de-France\n"
        "Aurélie,Nîmes\n"
    ),
    ("cp1252", "fr1"): ("Nom,Ville\nHélène,Orléans\nAndré,Besançon\n"),
    ("cp1252", "it"): (
        "Nome,Città\nNicolò,Forlì\nGesù,Cefalù\nperché è così,libertà\n"
    ),
    ("cp1252", "it1"): ("Nome,Citta\nperché no,è vero\n"),
    ("cp1252", "es"): (
        "Nombre,País\nJosé Núñez,España\nMaría Peña,Perú\nÁngel Gómez,Málaga\n"
    ),
    ("cp1252", "pt"): (
        "Nome,Cidade\nJoão Gonçalves,São Paulo\nAntónio Simões,Évora\nInês,Guimarães\n"
    ),
    ("cp1252", "sv"): ("Namn,Stad\nBjörn Åkesson,Malmö\nÅsa,Örebro\nJönköping,Gävle\n"),
    ("cp1252", "da"): ("Navn,By\nSøren Kjær,Ålborg\nBjørn,Tromsø\nÆrø,Køge\n"),
    ("cp1252", "is"): (
        "Nafn,Bær\n"
        "Þórður Guðmundsson,Reykjavík\n"
        "Æsa,Hafnarfjörður\n"
        "Sigríður,Ísafjörður\n"
    ),
    ("cp1252", "one"): ("a;b\ncafé;1\n"),
    ("cp1252", "quotes"): ("a;b\n‘x’;–\n"),
    ("cp1252", "quotes2"): ("a;b\n5 €;“x”\n"),
    ("iso8859_15", "de"): ("Name;Preis\nMüller;5 €\nJürgen Schröder;7 €\n"),
    ("cp850", "de"): ("Name;Größe\nMüller;ß\nJürgen Schröder;Köln\n"),
    ("mac_roman", "de"): ("Name;Größe\nMüller;ß\nJürgen Schröder;Köln\n"),
    ("cp874", "th"): ("ชื่อ,เมือง\nสมชาย,กรุงเทพ\nสมหญิง,เชียงใหม่\n"),
    ("cp1252", "ee"): (
        "Nimi,Linn\nÕnne Jõgi,Võru\nJüri Põld,Tõrva\nKüllike Mägi,Pärnu\n"
    ),
}
"""By Python's name of the encoding, and the language or what is told."""
