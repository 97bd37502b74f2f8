"""Names of cardiovascular drugs: international and US generic names, their German and Spanish spellings, brands of the US,
UK, Germany and Spain, and abbreviations.

One line a drug: "drug: other name, other name"; the drug's own name counts, too. Under a class in ``CLASS_WORDS`` stand the
words for the class itself. Accents and case do not matter; a blank stands for a blank, a hyphen or a slash.
"""

from __future__ import annotations

DRUGS: dict[str, str] = {
    "acei": """
ramipril: tritace, altace, delix, acovil, ramicard
enalapril: vasotec, innovace, renitec, xanef, enalaprilat, enacard
lisinopril: zestril, prinivil, carace, qbrelis, acerbon, doneka
perindopril: coversyl, aceon, coversum, coverex
captopril: capoten, lopirin
trandolapril: mavik, gopten, odrik
quinapril: accupril, accupro, ectren
benazepril: lotensin, cibacen
fosinopril: monopril, staril, fosinorm
moexipril: univasc, perdix
imidapril: tanatril
cilazapril: vascace, inhibace
zofenopril: zofenil, bifril
""",
    "arb": """
candesartan: atacand, amias, blopress, parapres
valsartan: diovan, vals
losartan: cozaar, lorzaar
irbesartan: avapro, aprovel, karvea
telmisartan: micardis, pritor
olmesartan: benicar, olmetec, votum
eprosartan: teveten
azilsartan: edarbi
""",
    "arni": """
sacubitril/valsartan: entresto, neparvis, sacubitril, sacubitril valsartan, sacubitril and valsartan, sacubitrilo valsartan, sacubitrilo, lcz696, sac val
""",
    "beta_blocker": """
bisoprolol: concor, cardicor, emcor, emconcor, euradal, zebeta, bisohexal
carvedilol: coreg, dilatrend, eucardic, kredex, coropres, querto
metoprolol: lopressor, toprol, toprol xl, beloc, beloc zok, betaloc, lopresor, metohexal, kapspargo
nebivolol: bystolic, nebilet, lobivon, nebilox
atenolol: tenormin, blokium, tenormine
propranolol: inderal, dociton, sumial, propanolol, hemangeol
labetalol: trandate, normodyne
esmolol: brevibloc
nadolol: corgard, solgol
acebutolol: sectral, prent
betaxolol: kerlone
bucindolol:
pindolol: visken
timolol: blocadren
landiolol: rapibloc
celiprolol: selectol, celectol
""",
    "mra": """
spironolactone: aldactone, aldactone a, carospir, spironolacton, espironolactona, spiro, osyrol, verospiron
eplerenone: inspra, eplerenon, eplerenona, elecor
finerenone: kerendia, finerenon, finerenona
canrenone: canrenoate, potassium canrenoate, kaliumcanrenoat
""",
    "sglt2": """
dapagliflozin: farxiga, forxiga, dapagliflozina, edistride, dapa
empagliflozin: jardiance, empagliflozina, empa
canagliflozin: invokana, canagliflozina
ertugliflozin: steglatro, ertugliflozina
sotagliflozin: inpefa, zynquista, sotagliflozina
""",
    "loop": """
furosemide: lasix, frusemide, furosemid, furosemida, frusol, furoscix, seguril, furorese
torasemide: torsemide, demadex, torasemid, torasemida, torem, unat, dilutol, soaanz, torem cor, isodiur, sutril
bumetanide: bumex, burinex, bumetanid, bumetanida, fordiuran
etacrynic acid: ethacrynic acid, edecrin, ethacrynate, etacrynate, sodium edecrin, acido etacrinico
azosemide:
piretanide: arelix, piretanid, perbilen
""",
    "thiazide": """
hydrochlorothiazide: hctz, hct, microzide, esidrix, esidrex, hydrochlorothiazid, hidroclorotiazida, hydrodiuril, hidrosaluretil
chlorthalidone: chlortalidone, chlortalidon, clortalidona, hygroton, thalitone, higrotona
indapamide: natrilix, lozol, indapamid, indapamida, tertensif
metolazone: zaroxolyn, metenix, metolazon, metolazona, xaqua
bendroflumethiazide: bendrofluazide, bendro, aprinox, neo naclex
xipamide: aquaphor, xipamid, xipamida, diurexan
chlorothiazide: diuril, clorotiazida
cyclopenthiazide: navidrex
hydroflumethiazide:
""",
    "potassium_sparing": """
amiloride: midamor, amilorid, amilorida
triamterene: dyrenium, triamteren, triamtereno
""",
    "carbonic_anhydrase": """
acetazolamide: diamox, acetazolamid, acetazolamida, edemox
""",
    "vaptan": """
tolvaptan: samsca, jinarc
conivaptan: vaprisol
""",
    "digoxin": """
digoxin: lanoxin, lanicor, digitek, digoxina, digox, lanacordin
digitoxin: digimerck, digitoxina
metildigoxin: novodigal, lanitop, metildigoxina, beta acetyldigoxin, acetyldigoxin
""",
    "antiarrhythmic": """
amiodarone: cordarone, pacerone, nexterone, amiodaron, amiodarona, cordarex, trangorex, amio
dronedarone: multaq, dronedaron, dronedarona
sotalol: betapace, sotacor, sotalex, sorine, sotapor
flecainide: tambocor, flecainid, flecainida, apocard
propafenone: rythmol, rytmonorm, arythmol, propafenon, propafenona
mexiletine: mexitil, mexiletin, mexiletina, namuscla
dofetilide: tikosyn, dofetilid
disopyramide: norpace, rythmodan, disopyramid, disopiramida
quinidine: quinidin, chinidin, quinidina, quinidine gluconate
procainamide: pronestyl, procanbid, procainamid, procainamida
ibutilide: corvert
vernakalant: brinavess
ajmaline: gilurytmal, ajmalin
""",
    "ivabradine": """
ivabradine: corlanor, procoralan, corlentor, ivabradin, ivabradina
""",
    "vericiguat": """
vericiguat: verquvo
""",
    "hydralazine": """
hydralazine: apresoline, hydralazin, hidralazina, hydrapres, apresolin
dihydralazine: nepresol, dihydralazin
""",
    "nitrate": """
isosorbide mononitrate: ismn, imdur, ismo, monoket, elantan, monomax, monoket, isosorbidmononitrat, is mono, coleb, uniket, mononitrato de isosorbida, isosorbide mono, isosorbide mn
isosorbide dinitrate: isdn, isordil, isoket, isosorbiddinitrat, dinitrato de isosorbida, dilatrate, iso mack, isosorbide di, isosorbide
glyceryl trinitrate: gtn, ntg, nitroglycerin, nitroglycerine, nitrostat, nitrolingual, nitro dur, nitro bid, nitroglicerina, glyceroltrinitrat, trinitrin, corangin nitro, deponit, minitran, nitroderm, tridil, vernies, cafinitrina, nitrobid, nitrospray, nitrodur, nitro
pentaerythrityl tetranitrate: pentalong, petn
""",
    "molsidomine": """
molsidomine: corvaton, molsidomin, molsihexal
""",
    "antianginal": """
ranolazine: ranexa, ranolazin, ranolazina
trimetazidine: vastarel, idaptan, trimetazidina
nicorandil: ikorel, dancor
""",
    "calcium_blocker": """
amlodipine: norvasc, istin, amlodipin, amlodipino, amlostin, astudal, katerzia
felodipine: plendil, felodipin, felodipino, modip
nifedipine: adalat, procardia, nifedipin, nifedipino, coracten, adipine, nifedical
lercanidipine: zanidip, lercanidipin, lercanidipino, carmen, corifeo
nicardipine: cardene, nicardipin, nicardipino
nitrendipine: bayotensin, nitrendipin, nitrendipino
isradipine: dynacirc, isradipin
lacidipine: motens, lacidipin, lacipil
nimodipine: nimotop, nimodipin, nimodipino
nisoldipine: sular
clevidipine: cleviprex
manidipine: artedil, manidipino
barnidipine: libradin, barnidipino
diltiazem: cardizem, tiazac, dilzem, tildiem, cartia, dilacor, adizem, masdil, dinisor, taztia, dilt xr, cardizem cd
verapamil: calan, isoptin, securon, verelan, cordilox, manidon, covera
""",
    "alpha_blocker": """
doxazosin: cardura, cardular, doxazosina, carduran
terazosin: hytrin, terazosina, flotrin
prazosin: minipress, hypovase, prazosina
tamsulosin: flomax, tamsulosina, omnic
alfuzosin: uroxatral, xatral, alfuzosina
urapidil: ebrantil, elgadil
silodosin: rapaflo, urorec
""",
    "central_antihypertensive": """
clonidine: catapres, catapresan, clonidin, clonidina, catapres tts
moxonidine: physiotens, cynt, moxonidin, moxonidina
methyldopa: aldomet, presinol, metildopa
guanfacine: tenex
""",
    "vasodilator": """
minoxidil: loniten, lonolox
nitroprusside: nipride, nitropress, sodium nitroprusside, nitroprussid, nipruss
nesiritide: natrecor
aliskiren: tekturna, rasilez
""",
    "inotrope": """
dobutamine: dobutrex, dobutamin, dobutamina
milrinone: primacor, corotrop, milrinon, milrinona
levosimendan: simdax
enoximone: perfan
""",
    "vasopressor": """
norepinephrine: levophed, noradrenaline, noradrenalin, noradrenalina, arterenol
ephedrine: ephedrin
epinephrine: adrenaline, adrenalin, adrenalina, epinefrina
dopamine: intropin, dopamin, dopamina
phenylephrine: neo synephrine, vazculep, biorphen
vasopressin: pitressin, vasostrict, empesin
midodrine: proamatine, gutron, midodrin, orvaten
droxidopa: northera
""",
    "pulmonary_vasodilator": """
sildenafil: viagra, revatio
tadalafil: cialis, adcirca
bosentan: tracleer
ambrisentan: letairis, volibris
macitentan: opsumit
riociguat: adempas
treprostinil: remodulin, tyvaso
epoprostenol: flolan, veletri
selexipag: uptravi
""",
    "transthyretin_stabiliser": """
tafamidis: vyndaqel, vyndamax
acoramidis: attruby, beyonttra
""",
    "myosin_inhibitor": """
mavacamten: camzyos
aficamten:
""",
    "iron": """
ferric carboxymaltose: ferinject, injectafer, eisencarboxymaltose
ferric derisomaltose: monofer, monoferric
iron sucrose: venofer
ferrous sulfate: ferrous sulphate, feosol
""",
    "potassium_binder": """
patiromer: veltassa
sodium zirconium cyclosilicate: lokelma, szc
""",
    "anticoagulant": """
warfarin: coumadin, jantoven, marevan, warfarina, warfarin sod, coumadine
apixaban: eliquis
rivaroxaban: xarelto
dabigatran: pradaxa, dabigatran etexilate
edoxaban: lixiana, savaysa
betrixaban:
phenprocoumon: marcumar, falithrom, marcoumar
acenocoumarol: sintrom, acenocumarol, nicoumalone, sinthrome
phenindione: dindevan
enoxaparin: lovenox, clexane, enoxaparina, inhixa
dalteparin: fragmin, fragmine, dalteparina
tinzaparin: innohep, tinzaparina
bemiparin: hibor, bemiparina
certoparin: monoembolex
nadroparin: fraxiparine, fraxiparin
fondaparinux: arixtra
heparin: heparina, heparin sodium, heparin sod, unfractionated heparin, ufh, lmwh, heparin drip
bivalirudin: angiomax, angiox
argatroban: argatra, acova
""",
    "antiplatelet": """
aspirin: asa, acetylsalicylic acid, acetylsalicylsaure, acido acetilsalicilico, aas, ass, ecotrin, adiro, tromalyt, cardioaspirin, aspirin protect, godamed, bayer aspirin, bayer, halfprin, aspirine, aspirina, nu seals, micropirin, bufferin, disprin, asprin, herz ass, acetylsalicylate, bayer children, bayer chewable, baby aspirin, zorprin
clopidogrel: plavix, iscover, grepid
ticagrelor: brilinta, brilique
prasugrel: effient, efient
dipyridamole: persantine, persantin, dipiridamol, dipyridamol
ticlopidine: ticlid, tiklyd, ticlopidin
cilostazol: pletal, ekistol
triflusal: disgren
vorapaxar: zontivity
cangrelor: kengreal, kengrexal
eptifibatide: integrilin
tirofiban: aggrastat
abciximab: reopro
""",
    "thrombolytic": """
alteplase: activase, actilyse, rtpa
tenecteplase: metalyse, tnkase
""",
    "statin": """
atorvastatin: lipitor, sortis, zarator, cardyl, atorvastatina
rosuvastatin: crestor, rosuvastatina
simvastatin: zocor, zocord, simvastatina
pravastatin: pravachol, lipostat, pravastatina, pravasin
lovastatin: mevacor, altoprev, lovastatina
fluvastatin: lescol, locol, fluvastatina
pitavastatin: livalo, pitavastatina
""",
    "other_lipid": """
ezetimibe: zetia, ezetrol, ezetimib, ezetimiba
bempedoic acid: nexletol, nilemdo, bempedoinsaure, acido bempedoico
fenofibrate: tricor, lipantil, fenofibrat, fenofibrato, trilipix, fenoglide
gemfibrozil: lopid
bezafibrate: bezalip, bezafibrat, cedur
alirocumab: praluent
evolocumab: repatha
inclisiran: leqvio
colestyramine: cholestyramine, questran, colestyramin
colesevelam: welchol, cholestagel
niacin: niaspan, nicotinic acid
icosapent ethyl: vascepa, vazkepa
omega 3: lovaza, omacor, fish oil
""",
    "insulin": """
insulin: insulina, lantus, levemir, toujeo, tresiba, basaglar, abasaglar, semglee, novolog, novorapid, humalog, humulin, novolin, apidra, fiasp, mixtard, insulatard, actrapid, insuman, liprolog, protaphane, humulin r, humulin n, novolin r, novolin n, insulin glargine, insulin detemir, insulin lispro, insulin aspart, insulin degludec, insulin glulisine, insulin regular, insulin regular human, insulin nph, insulin isophane, human insulin, regular insulin, nph insulin, glargine, degludec, detemir, lispro, insulin human regular, hum insulin nph, humulog, novolog flexpen, insulin human
""",
    "oral_antidiabetic": """
metformin: glucophage, metformina, glumetza, fortamet, siofor, dianben, riomet
gliclazide: diamicron, gliclazid, gliclazida
glimepiride: amaryl, glimepirid, glimepirida
glibenclamide: glyburide, diabeta, micronase, euglucon, glibenclamid, glynase, daonil
glipizide: glucotrol, glipizid, minodiab
gliquidone: glurenorm
repaglinide: prandin, novonorm, repaglinid
nateglinide: starlix
pioglitazone: actos, pioglitazon, pioglitazona
rosiglitazone: avandia
sitagliptin: januvia, xelevia, sitagliptina
saxagliptin: onglyza, saxagliptina
linagliptin: tradjenta, trajenta, linagliptina
vildagliptin: galvus, vildagliptina
alogliptin: nesina, vipidia, alogliptina
acarbose: precose, glucobay, acarbosa
tolbutamide: orinase
""",
    "glp1": """
liraglutide: victoza, saxenda, liraglutid, liraglutida
semaglutide: ozempic, rybelsus, wegovy, semaglutid, semaglutida
dulaglutide: trulicity, dulaglutid, dulaglutida
exenatide: byetta, bydureon, exenatid, exenatida
lixisenatide: lyxumia, adlyxin
tirzepatide: mounjaro, zepbound, tirzepatid
""",
    "allopurinol": """
allopurinol: zyloprim, zyloric, alopurinol
""",
    "urate_lowering": """
febuxostat: uloric, adenuric
probenecid: benemid
benzbromarone:
""",
    "colchicine": """
colchicine: colcrys, colchicin, colchicina, colchicum
""",
}

# several drugs in one name: "name, name: drug, drug"; their doses stand in this order
COMBINED = """
hyzaar, lorzaar plus, cozaar comp, cozaar plus: losartan, hydrochlorothiazide
diovan hct, co diovan, codiovan: valsartan, hydrochlorothiazide
micardis plus, micardis hct, micardisplus: telmisartan, hydrochlorothiazide
atacand hct, atacand plus, blopress plus, parapres plus: candesartan, hydrochlorothiazide
avalide, coaprovel, co aprovel, karvezide: irbesartan, hydrochlorothiazide
benicar hct, olmetec plus: olmesartan, hydrochlorothiazide
zestoretic, prinzide, carace plus: lisinopril, hydrochlorothiazide
vaseretic, innozide, renitec plus, co renitec: enalapril, hydrochlorothiazide
capozide: captopril, hydrochlorothiazide
lotensin hct: benazepril, hydrochlorothiazide
coversyl plus, preterax: perindopril, indapamide
coversyl arginine plus: perindopril, indapamide
exforge: amlodipine, valsartan
exforge hct: amlodipine, valsartan, hydrochlorothiazide
azor, sevikar: olmesartan, amlodipine
sevikar hct, tribenzor: olmesartan, amlodipine, hydrochlorothiazide
lotrel: amlodipine, benazepril
tarka: trandolapril, verapamil
caduet: amlodipine, atorvastatin
ziac, concor plus: bisoprolol, hydrochlorothiazide
tenoretic, tenoret, co tenidone: atenolol, chlorthalidone
lopressor hct: metoprolol, hydrochlorothiazide
beloc zok comp: metoprolol, hydrochlorothiazide
aldactazide: spironolactone, hydrochlorothiazide
aldactide, co flumactone: spironolactone, hydroflumethiazide
lasilactone, osyrol lasix, spiro comp: spironolactone, furosemide
dyazide, maxzide, dytide h, triarese, triamteren comp: triamterene, hydrochlorothiazide
moduretic, moduretic mite, co amilozide, ameride: amiloride, hydrochlorothiazide
co amilofruse, frumil, frumil ls: amiloride, furosemide
bidil: isosorbide dinitrate, hydralazine
vytorin, inegy: ezetimibe, simvastatin
nustendi: bempedoic acid, ezetimibe
aggrenox, asasantin: dipyridamole, aspirin
duoplavin, duocover, clopidogrel asa: clopidogrel, aspirin
janumet, velmetia, efficib: sitagliptin, metformin
xigduo, xigduo xr, ebymect: dapagliflozin, metformin
synjardy: empagliflozin, metformin
glyxambi: empagliflozin, linagliptin
qtern: dapagliflozin, saxagliptin
xultophy: insulin, liraglutide
soliqua, suliqua: insulin, lixisenatide
glucovance: glibenclamide, metformin
eucreas: vildagliptin, metformin
trinomia, iltria, sincronium: aspirin, atorvastatin, ramipril
carivalan: carvedilol, ivabradine
"""

CLASS_WORDS: dict[str, str] = {
    "acei": "acei, aceis, ace inhibitor, ace inhibitors, ace inhibition, ace i, acei inhibitor, ace hemmer, acehemmer, "
            "angiotensin converting enzyme inhibitor, angiotensin converting enzyme inhibitors, ieca, iecas, ace inh, "
            "inhibidor de la eca, inhibidores de la eca",
    "arb": "arb, arbs, angiotensin receptor blocker, angiotensin receptor blockers, angiotensin ii receptor blocker, "
           "angiotensin ii receptor blockers, angiotensin 2 receptor blocker, at1 blocker, at1 antagonist, at1 blocker, ara ii, "
           "ara2, sartan, sartans, sartane, angiotensin ii antagonist, angiotensin receptor antagonist, at ii blocker, "
           "angiotensin ii receptor antagonist, aiia",
    "arni": "arni, arnis, angiotensin receptor neprilysin inhibitor, neprilysin inhibitor, angiotensin receptor neprilysin inhibition",
    "ras_inhibitor": "ras inhibitor, ras inhibitors, raas inhibitor, raas inhibitors, rasi, raasi, ras blocker, raas blocker, "
                     "ras hemmer, renin angiotensin system inhibitor, renin angiotensin inhibitor",
    "beta_blocker": "bb, bbs, beta blocker, beta blockers, betablocker, betablockers, beta blockade, betablocade, β blocker, "
                    "β blockers, βblocker, betablockade, b blocker, b blockers, bblocker, betabloqueante, betabloqueantes, "
                    "beta bloqueante, beta bloqueantes, betabloqueador, beta adrenergic blocker, beta adrenoceptor blocker, "
                    "betabloker, beta blocking agent, beta antagonist, ß blocker, ßblocker",
    "mra": "mra, mras, mineralocorticoid receptor antagonist, mineralocorticoid receptor antagonists, mineralocorticoid antagonist, "
           "aldosterone antagonist, aldosterone antagonists, aldosterone receptor antagonist, aldosteronantagonist, "
           "aldosteron antagonist, arm, antialdosteronico, antagonista de la aldosterona, aldosterone blocker",
    "sglt2": "sglt2, sglt2i, sglt2is, sglt 2i, sglt2 inhibitor, sglt2 inhibitors, sglt 2 inhibitor, sglt 2 inhibitors, sglt2 hemmer, "
             "sglt 2 hemmer, isglt2, gliflozin, gliflozins, sglt 2, sodium glucose cotransporter 2 inhibitor",
    "loop": "loop diuretic, loop diuretics, schleifendiuretikum, schleifendiuretika, diuretico de asa, diureticos de asa",
    "thiazide": "thiazide, thiazides, thiazide diuretic, thiazide diuretics, thiazide like diuretic, thiazid, thiazide, thiazidika, "
                "tiazida, tiazidas, diuretico tiazidico, thiaziddiuretikum",
    "potassium_sparing": "potassium sparing diuretic, potassium sparing diuretics",
    "diuretic": "diuretic, diuretics, diuretikum, diuretika, diuretico, diureticos, water tablet, water tablets, water pill, water pills",
    "digoxin": "digitalis, cardiac glycoside, cardiac glycosides, digital, herzglykosid, herzglykoside, digitalisglykosid, "
               "digitalis glycoside",
    "antiarrhythmic": "antiarrhythmic, antiarrhythmics, anti arrhythmic, anti arrhythmics, antiarrhythmic drug, antiarrhythmikum, "
                      "antiarrhythmika, antiarritmico, antiarritmicos, antiarrhythmic agent",
    "ivabradine": "if channel inhibitor, if inhibitor",
    "nitrate": "nitrate, nitrates, nitrat, nitrate, nitrato, nitratos, nitrovasodilator, nitrovasodilators, long acting nitrate, "
               "nitrovasodilatador, organic nitrate",
    "calcium_blocker": "ccb, ccbs, calcium channel blocker, calcium channel blockers, calcium blocker, calcium blockers, "
                       "calcium antagonist, calcium antagonists, calciumantagonist, calciumantagonisten, kalziumantagonist, "
                       "calcioantagonista, calcioantagonistas, calcium channel antagonist, dihydropyridine, dihydropyridines, "
                       "ca channel blocker, calcium antagonista, antagonista del calcio",
    "alpha_blocker": "alpha blocker, alpha blockers, alphablocker, α blocker, alfabloqueante",
    "vasodilator": "vasodilator, vasodilators, vasodilatador",
    "inotrope": "inotrope, inotropes",
    "vasopressor": "vasopressor, vasopressors",
    "anticoagulant": "oac, doac, doacs, noac, noacs, vka, vkas, anticoagulant, anticoagulants, oral anticoagulant, oral anticoagulants, "
                     "oral anticoagulation, anticoagulation, anti coagulant, anticoagulated, vitamin k antagonist, "
                     "vitamin k antagonists, antikoagulans, antikoagulanzien, antikoagulation, orale antikoagulation, "
                     "anticoagulante, anticoagulantes, acod, acods, direct oral anticoagulant, blood thinner, blood thinners",
    "antiplatelet": "antiplatelet, antiplatelets, anti platelet, antiplatelet agent, antiplatelet therapy, dapt, "
                    "dual antiplatelet therapy, p2y12 inhibitor, p2y12 inhibitors, antiagregante, antiagregantes, "
                    "thrombozytenaggregationshemmer, plattchenhemmer, tah",
    "antithrombotic": "antithrombotic, antithrombotics, antithrombotic drug, antithrombotic agent, antitrombotico",
    "statin": "statin, statins, statine, estatina, estatinas, hmg coa reductase inhibitor, hmg coa reductase inhibitors",
    "other_lipid": "fibrate, fibrates, pcsk9 inhibitor, pcsk9 inhibitors, pcsk9i, bile acid sequestrant, fibrat, fibrato",
    "oral_antidiabetic": "oral antidiabetic, oral antidiabetics, oral hypoglycaemic, oral hypoglycaemics, oral hypoglycemic, "
                         "oral hypoglycemics, oral hypoglycaemic agent, oral hypoglycemic agent, oha, ohas, oad, oads, sulfonylurea, "
                         "sulphonylurea, sulfonylureas, sulphonylureas, dpp4 inhibitor, dpp 4 inhibitor, dpp4i, gliptin, gliptins, "
                         "glitazone, thiazolidinedione, orale antidiabetika, orales antidiabetikum, antidiabeticos orales, "
                         "antidiabetic tablets, biguanide",
    "antidiabetic": "antidiabetic, antidiabetics, antidiabetic drug, antidiabetic drugs, diabetes medication, diabetes drug, "
                    "diabetic medication, glucose lowering drug, glucose lowering drugs, antidiabetikum, antidiabetika, "
                    "antidiabetico, antidiabeticos, hypoglycaemic agent, hypoglycemic agent, diabetes tablets, diabetes drugs, "
                    "glucose lowering medication",
    "glp1": "glp1 agonist, glp 1 agonist, glp1 receptor agonist, glp 1 receptor agonist, glp1ra, glp 1 ra, glp1 ra",
}

# letters that mean something else unless a dose follows: haematocrit, a word, the verb "to dig"
WITH_DOSE = frozenset({"hct", "ass", "digital", "bayer", "nitro", "dapa", "empa", "arm", "carmen", "vals", "coleb"})
# letters that are read in capitals alone: "arm" of the body is none of Spanish "ARM"
CAPITALS = frozenset({"ARM", "TAH", "ASA", "AAS", "BB", "OHA", "OAD", "MRA", "ARB"})
# one letter away from a name and something else
LOOKALIKES = frozenset({"aspiring", "diabete", "diabetes", "digitals", "niacins", "dopamines", "heparins", "cardiac", "cardene",
                        "inulin", "insulins", "glucose", "cortisone", "prednisone", "tramadol", "toradol", "carmine", "sorting",
                        "sectoral", "doctoral", "concord", "adalah", "natural", "quinine", "calcium", "presses", "pressor"})
