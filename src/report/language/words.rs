//! The catalogue: every word and sentence of the reports, in every language beside each other.
//!
//! A key without one of the languages does not compile; a test proves that none is empty and that the `{places}` of
//! a sentence are the same in all of them.

use super::Language;

macro_rules! words {
    ($($key:ident: $en:literal / $fr:literal;)*) => {
        /// Key of a word or a sentence. `{name}` in a sentence is a place to fill.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Word {
            $(#[doc = $en] $key,)*
        }

        /// Every key with its name, its English and its French form.
        const CATALOGUE: &[(Word, &str, &str, &str)] = &[$((Word::$key, stringify!($key), $en, $fr),)*];
    };
}

words! {
    AboutReport: "what the report is about" / "objet du rapport";
    AboveHighest: "the limit lies above" / "limite au-delà";
    AchievedRate: "achieved rate" / "débit obtenu";
    AchievedRatio: "achieved / target" / "obtenu / visé";
    Acknowledges: "acknowledges" / "acquitte";
    Action: "action" / "action";
    Actions: "Actions" / "Actions";
    ActionsSection: "actions with their exact parameters" / "actions et leurs paramètres exacts";
    Actual: "actual" / "réel";
    After: "after" / "après";
    Afternoon: "afternoon" / "après-midi";
    AgainstRun: "The latest run beside {run}, the last one before it that passed with the same parameters. The interval comes from the noise within the two loads (moving-block bootstrap, 95 %)." / "La dernière exécution à côté de {run}, la précédente qui a réussi avec les mêmes paramètres. L'intervalle vient du bruit au sein des deux charges (bootstrap par blocs mobiles, 95 %).";
    AgainstTitle: "Against the run before" / "Par rapport à l'exécution précédente";
    AlsoSaid: "; also {by}" / " ; aussi {by}";
    AlsoDiffered: "What else differed:" / "Ce qui différait aussi :";
    AnalysisSection: "Factual analysis" / "Analyse factuelle";
    AnsweredNo: "answered no" / "réponse : non";
    AnsweredYes: "answered yes" / "réponse : oui";
    AnnexNamed: "Annex {letter}: {title}" / "Annexe {letter} : {title}";
    Approved: "approved" / "approuvé";
    ArchitectureDiagram: "architecture, from the environment file" / "architecture, d'après le fichier d'environnement";
    Artifact: "artifact" / "artefact";
    Artifacts: "Artifacts that the steps must leave" / "Artefacts que les étapes doivent laisser";
    Attempt: "attempt" / "tentative";
    Attempts: "attempts" / "tentatives";
    AttemptsSection: "Every attempt" / "Toutes les tentatives";
    Average: "average" / "moyenne";
    Backlog: "greatest backlog" / "retard maximal du générateur";
    Before: "before" / "avant";
    Broker: "broker" / "broker";
    BrokerCpu: "broker CPU (max)" / "CPU des brokers (max)";
    Brokers: "brokers" / "brokers";
    By: "by" / "par";
    ByHand: "done by hand; lines {first} to {last} of {file}" / "fait à la main ; lignes {first} à {last} de {file}";
    Campaign: "campaign" / "campagne";
    Cancelled: "{step}, attempt {attempt}: action {action}, started {started}, was stopped before its end" / "{step}, tentative {attempt} : l'action {action}, démarrée le {started}, a été arrêtée avant sa fin";
    CappedUncapped: "capped against uncapped" / "plafonné et non plafonné";
    CarryOut: "Carry out {name}" / "Exécuter l'{name}";
    CatchUp: "time to catch up" / "temps de rattrapage";
    ChangesTitle: "Changes to the platform" / "Changements de la plateforme";
    Checks: "checks ({count})" / "contrôles ({count})";
    Client: "client" / "client";
    Cluster: "cluster" / "cluster";
    Complete: "complete" / "complet";
    Confirmations: "confirmations" / "confirmations";
    Contents: "contents" / "sommaire";
    ContextTitle: "Loads beside the platform" / "Charges et plateforme";
    Corrupt: "corrupt" / "corrompus";
    Criteria: "criteria" / "critères";
    CriteriaOfStep: "{step}: {passed} of {criteria} criteria hold (attempt {attempt})" / "{step} : {passed} critère(s) respecté(s) sur {criteria} (tentative {attempt})";
    CriteriaSection: "every criterion" / "tous les critères";
    CriteriaToSee: "Criteria that do not simply hold" / "Critères qui ne sont pas simplement respectés";
    Criterion: "criterion" / "critère";
    Critical: "critical" / "critique";
    DashboardsTitle: "Dashboards: missing, corrected, left" / "Tableaux de bord : manquants, corrigés, restants";
    Day: "day" / "jour";
    Decision: "decision" / "décision";
    DecisionsSection: "Waivers, skips, approvals and decisions" / "Dérogations, étapes sautées, approbations et décisions";
    Description: "command or description" / "commande ou description";
    DiagramsSection: "Diagrams" / "Diagrammes";
    Difference: "difference" / "écart";
    Done: "done" / "fait";
    Duplicated: "duplicated" / "dupliqués";
    Duration: "duration" / "durée";
    EachHolds: "Each of the {count} criteria that were judged holds. All of them: {annex}." / "Chacun des {count} critères jugés est respecté. Tous : {annex}.";
    EndToEnd: "end to end" / "de bout en bout";
    Ended: "ended" / "fin";
    Environment: "environment" / "environnement";
    Errors: "errors" / "erreurs";
    Estimate: "estimate" / "estimation";
    Evening: "evening" / "soir";
    Event: "record" / "enregistrement";
    Evidence: "evidence" / "preuve";
    EvidenceExplained: "E: artifact below the run's folder. J: record of the run's journal (J2.45: record 45 of the second run's). N: record of the journal of notes. I: import of work done by hand." / "E : artefact sous le dossier de l'exécution. J : enregistrement du journal de l'exécution (J2.45 : enregistrement 45 de la deuxième). N : enregistrement du journal des notes. I : import d'un travail fait à la main.";
    EvidenceSection: "evidence" / "preuves";
    EvidenceWhere: "The path of an artifact is that of what left it: step, attempt, action or watch. What that did, and when, is in: {annex}." / "Le chemin d'un artefact est celui de ce qui l'a laissé : étape, tentative, action ou surveillance. Ce que c'était, et quand : {annex}.";
    Expected: "expected" / "attendu";
    ExplanationsExplained: "General facts about Kafka, not findings of this campaign:" / "Faits généraux sur Kafka, et non des constats de cette campagne :";
    ExplanationsTitle: "General facts" / "Faits généraux";
    Exporters: "exporters" / "exporteurs";
    Fact: "fact" / "information";
    FactsSection: "facts about the platform" / "informations sur la plateforme";
    FaultsSection: "Faults and other changes that are taken back" / "Fautes injectées et autres changements à annuler";
    Figure: "figure" / "grandeur";
    Figures: "figures" / "résultats";
    File: "file" / "fichier";
    FromIntended: "from the intended send time" / "depuis l'instant d'envoi prévu";
    FromSend: "from the send call" / "depuis l'appel d'envoi";
    FurtherLines: "{file}: {count} further lines that nobody has classified" / "{file} : {count} autres lignes que personne n'a classées";
    FurtherPairs: "Further pairs that differ in one parameter: {count}." / "Autres paires qui diffèrent d'un seul paramètre : {count}.";
    GlossarySection: "glossary" / "glossaire";
    GoOn: "Go on with {name} (jalon resume): {reason}" / "Reprendre l'{name} (jalon resume) : {reason}";
    Higher: "higher" / "plus haut";
    HighestHeld: "highest rate that held" / "plus haut débit tenu";
    HighestRate: "capacity" / "capacité";
    Hung: "{step}, attempt {attempt}: action {action}, started {started}, hung until its time limit" / "{step}, tentative {attempt} : l'action {action}, démarrée le {started}, est restée bloquée jusqu'à sa limite de temps";
    Hypothesis: "Hypothesis" / "Hypothèse";
    ImportReading: "what was read from {file}" / "ce qui a été lu dans {file}";
    ImportSource: "{file}, secrets masked" / "{file}, secrets masqués";
    ImportsTitle: "Work done by hand" / "Travail fait à la main";
    InProgress: "in progress: {action}" / "en cours : {action}";
    InProgressSince: "{step}, attempt {attempt}: action {action} is in progress since {started}" / "{step}, tentative {attempt} : l'action {action} est en cours depuis le {started}";
    InconclusiveToValidate: "Could not be judged: {criterion}" / "N'a pas pu être jugé : {criterion}";
    InterruptedBetween: "the run ended between two actions of the step" / "l'exécution s'est arrêtée entre deux actions de l'étape";
    InterruptedDuring: "the run ended during {actions}" / "l'exécution s'est arrêtée pendant {actions}";
    JoinTime: "time to join the group" / "temps d'entrée dans le groupe";
    JournalRecords: "journal records" / "enregistrements du journal";
    Kept: "{action}: kept from attempt {from}" / "{action} : repris de la tentative {from}";
    Lag: "records not replicated yet" / "enregistrements pas encore répliqués";
    LagPicture: "{step}, attempt {attempt}: records not replicated yet, over time" / "{step}, tentative {attempt} : enregistrements pas encore répliqués, au fil du temps";
    LagTold: "{watch}: at most {high} records, {end} at the end." / "{watch} : au plus {high} enregistrements, {end} à la fin.";
    Latencies: "latencies" / "latences";
    Latency: "latency" / "latence";
    Limit: "limit" / "limite";
    LimitedBy: "limited by" / "limité par";
    LineOf: "{file}, line {line}: {text}" / "{file}, ligne {line} : {text}";
    Lost: "lost" / "perdus";
    Lower: "lower" / "plus bas";
    LowestNotHeld: "lowest rate that did not hold" / "plus bas débit non tenu";
    Made: "report made" / "rapport établi";
    MakeItHold: "Make it hold, then jalon retry {step}: {criterion}" / "Le faire respecter, puis jalon retry {step} : {criterion}";
    Maximum: "maximum" / "maximum";
    MbExplained: "MB is 1,024 × 1,024 bytes, as in Kafka's own tools." / "MB vaut 1 024 × 1 024 octets, comme dans les outils de Kafka.";
    Meaning: "meaning" / "sens";
    Meanwhile: "meanwhile" / "en même temps";
    MeasureAgain: "Measure again, then jalon retry {step}: {name}: {reason}" / "Mesurer de nouveau, puis jalon retry {step} : {name} : {reason}";
    MendAndRetry: "Mend the cause, then jalon retry {step}: {name}: {reason}" / "Corriger la cause, puis jalon retry {step} : {name} : {reason}";
    Minimum: "minimum" / "minimum";
    Missed: "without a value" / "sans valeur";
    Missing: "missing" / "absent";
    MonitoringSection: "Dashboards and monitoring" / "Tableaux de bord et supervision";
    Morning: "morning" / "matin";
    MustHold: "cannot be waived" / "sans dérogation possible";
    Name: "name" / "nom";
    NeverBegan: "{step}: did not begin" / "{step} : n'a pas commencé";
    NeverEnded: "{step}, attempt {attempt}: action {action}, started {started}, has no end: the run ended under it" / "{step}, tentative {attempt} : l'action {action}, démarrée le {started}, n'a pas de fin : l'exécution s'est arrêtée pendant l'action";
    Next: "next" / "ensuite";
    Night: "night" / "nuit";
    No: "no" / "non";
    NoDifference: "no detectable difference" / "pas de différence décelable";
    NoEnd: "it has no end: the run ended under it" / "pas de fin : l'exécution s'est arrêtée pendant l'action";
    NoFacts: "No fact is known." / "Aucune information n'est connue.";
    NoPlan: "The plan cannot be read and no run has kept it." / "Le plan n'est pas lisible et aucune exécution ne l'a gardé.";
    NoRun: "No run of the plan has a record in this time." / "Aucune exécution du plan n'a d'enregistrement sur cette période.";
    NoRunBefore: "No run before it passed in the same environment with the same parameters." / "Aucune exécution précédente n'a réussi dans le même environnement avec les mêmes paramètres.";
    None: "None." / "Néant.";
    NotComparable: "not compared: {why}" / "non comparé : {why}";
    NotCompared: "not compared" / "non comparé";
    NotGiven: "not given" / "non donné";
    NotJudged: "not judged" / "non jugé";
    NotMeasured: "not measured" / "non mesuré";
    NotSupplied: "not supplied" / "non fourni";
    NotUnderstood: "{file}: lines that were not understood: {count}" / "{file} : lignes non comprises : {count}";
    NotUnderstoodLines: "lines not understood" / "lignes non comprises";
    NotUndone: "NOT TAKEN BACK: {why}" / "NON ANNULÉ : {why}";
    NoteLines: "notes" / "notes";
    NotedDecision: "decision noted" / "décision notée";
    Nothing: "nothing" / "rien";
    NothingJudged: "No criterion was judged. All of them: {annex}." / "Aucun critère n'a été jugé. Tous : {annex}.";
    NothingNoted: "Not supplied: nobody noted anything." / "Non fourni : personne n'a rien noté.";
    Number: "no." / "n°";
    Objective: "objective" / "objectif";
    Objectives: "Objectives" / "Objectifs";
    Observed: "Observed" / "Constaté";
    ObservedAndLimit: "observed {observed}, limit {limit}" / "constaté {observed}, limite {limit}";
    ObservedValue: "observed" / "constaté";
    Operator: "operator" / "opérateur";
    OtherCriteria: "The {count} others that were judged hold. All of them: {annex}." / "Les {count} autres critères jugés sont respectés. Tous : {annex}.";
    OtherTopic: "on another topic" / "sur un autre topic";
    Output: "output" / "mesure";
    OverTimeLatency: "Highest P99: {p99} ms." / "P99 le plus haut : {p99} ms.";
    OverTimePicture: "rate and latency over time" / "débit et latence au fil du temps";
    OverTimeShade: "{what}: from {from} s to {to} s." / "{what} : de {from} s à {to} s.";
    OverTimeTold: "Each point is at most {length} s: the average rate and the highest latency in it. Rate from {low} to {high} records/s." / "Chaque point couvre au plus {length} s : débit moyen et latence la plus haute de cet intervalle. Débit de {low} à {high} enr./s.";
    OverviewExplained: "Latencies are those of the first point of view of each scenario; the details below have the others and the remarks." / "Les latences sont celles du premier point de vue de chaque scénario ; les détails ci-dessous donnent les autres et les remarques.";
    Page: "page" / "page";
    PairsExplained: "Loads of the same kind and client that differ in one parameter; the factor is the second one divided by the first one. Loads that differ in more are not set side by side, nor is one during which something was broken on purpose; of several steps only where a step has no such pair of its own." / "Charges de même nature et de même client qui diffèrent d'un seul paramètre ; le facteur est la seconde divisée par la première. Ne sont pas mises côte à côte des charges qui diffèrent davantage, ni celle pendant laquelle une faute était injectée ; entre étapes, seulement si une étape n'a pas de telle paire à elle.";
    PairsTitle: "One parameter differing" / "Un seul paramètre différent";
    Parameter: "parameter" / "paramètre";
    Percentile: "percentile" / "percentile";
    PercentilesPicture: "latency percentiles by scenario, on a logarithmic scale" / "percentiles de latence par scénario, sur une échelle logarithmique";
    Picture: "figure" / "figure";
    Plan: "The plan" / "Le plan";
    PlanDiagram: "the plan and the state of its steps" / "le plan et l'état de ses étapes";
    PointOfView: "measured" / "mesurée";
    Present: "present" / "présent";
    PrintedPicture: "rate and latency as the tool printed them" / "débit et latence tels que l'outil les a imprimés";
    PrintedTold: "{count} windows were printed; lines may be missing between two. Rate from {low} to {high} records/s." / "{count} fenêtres imprimées ; des lignes manquent peut-être entre deux. Débit de {low} à {high} enr./s.";
    PrintedWindow: "window, in the order of the output" / "fenêtre, dans l'ordre de la sortie";
    Probes: "probes" / "essais";
    Producer: "producer" / "producteur";
    ProducerSetting: "setting" / "paramètre";
    Produces: "records" / "enregistrements";
    Production: "production" / "production";
    Profile: "profile" / "profil";
    Queries: "queries" / "requêtes";
    RatesPicture: "achieved rate by scenario" / "débit obtenu par scénario";
    Reads: "reads" / "lit";
    Reason: "reason" / "motif";
    RecordSize: "record size" / "taille d'enregistrement";
    Records: "records" / "enregistrements";
    RecordsArrived: "records arrived" / "enregistrements arrivés";
    RecordsAsked: "records asked" / "enregistrements demandés";
    RecordsExpected: "records expected" / "enregistrements attendus";
    RecordsFailed: "records failed" / "enregistrements en échec";
    RecordsPerSecond: "records/s" / "enr./s";
    RecordsSection: "records of the journals" / "enregistrements des journaux";
    RecordsSent: "records sent" / "enregistrements envoyés";
    Refused: "refused" / "refusé";
    Remarks: "remarks" / "remarques";
    Reordered: "out of order" / "dans le désordre";
    ReplicationNone: "replication off: no connector" / "réplication inactive : aucun connecteur";
    ReplicationOff: "replication not running: {connectors}" / "réplication arrêtée : {connectors}";
    ReplicationOn: "replication on: {connectors}" / "réplication active : {connectors}";
    ReportOf: "report of" / "rapport du";
    ReportTitle: "Test campaign report" / "Rapport de campagne de tests";
    Reset: "set back" / "remise à faire";
    Result: "result" / "résultat";
    Resumed: "times resumed" / "reprises";
    Risk: "Risk" / "Risque";
    Run: "run" / "exécution";
    Runs: "Runs" / "Exécutions";
    Samples: "samples" / "échantillons";
    Saturated: "generator saturated" / "générateur saturé";
    Scenario: "scenario" / "scénario";
    Scenarios: "scenarios" / "scénarios";
    ScenariosSection: "Performance results by scenario" / "Résultats de performance par scénario";
    Scrapes: "scrapes metrics" / "collecte les métriques";
    SecuritySection: "Security: done, left" / "Sécurité : fait, à faire";
    Selection: "selection" / "sélection";
    SequenceDiagram: "the way of a record" / "parcours d'un enregistrement";
    Settings: "settings" / "paramètres";
    Severity: "severity" / "gravité";
    SheetsLeft: "Runs that a later one supersedes are in this table alone." / "Les exécutions remplacées par une plus récente ne figurent que dans ce tableau.";
    SheetsTitle: "Scenario by scenario" / "Scénario par scénario";
    SinceStart: "time since the start of the load" / "temps depuis le début de la charge";
    SinceStepStart: "time since the start of the step" / "temps depuis le début de l'étape";
    SinceTitle: "What changed since the days before" / "Ce qui a changé depuis les jours précédents";
    Size: "size" / "taille";
    Skip: "passed over" / "sautée";
    Snapshot: "snapshot of the configuration" / "relevé de la configuration";
    SnapshotsSection: "Configuration kept" / "Configuration relevée";
    Source: "source" / "source";
    SourceToTarget: "from source to target" / "de la source à la cible";
    Started: "started" / "début";
    State: "state" / "état";
    Step: "step" / "étape";
    StepAndAction: "step and action" / "étape et action";
    StepInterrupted: "{step}: was interrupted" / "{step} : a été interrompue";
    StepNamed: "step {step}, {title}" / "étape {step}, {title}";
    StepRunning: "{step}: is running" / "{step} : est en cours";
    StepWaits: "{step}: waits for an approval" / "{step} : attend une approbation";
    StepsPassed: "steps passed" / "étapes réussies";
    StillRunning: "still running" / "encore en cours";
    StillStands: "not taken back yet" / "pas encore annulé";
    Summary: "Executive summary" / "Synthèse";
    SummaryCriteria: "Criteria of the latest attempts: {all} in the plan; {pass} hold, {warn} warnings, {fail} failed, {inconclusive} inconclusive, {error} in error, {open} not judged." / "Critères des dernières tentatives : {all} au plan ; {pass} respecté(s), {warn} avertissement(s), {fail} non conforme(s), {inconclusive} non concluant(s), {error} en erreur, {open} non jugé(s).";
    SummaryFailed: "{step}, is {state}: {why}" / "{step}, est {state} : {why}";
    SummaryFailedFurther: "Further steps that did not pass: {count}; see the plan." / "Autres étapes non réussies : {count} ; voir le plan.";
    SummaryFigures: "{scenario}: {figures}." / "{scenario} : {figures}.";
    SummaryFirst: "First thing to do: {action}" / "Première priorité : {action}";
    SummaryFurther: "Further scenarios: {count}; see their section." / "Autres scénarios : {count} ; voir leur section.";
    SummaryImports: "Work done by hand; files imported: {files}, runs of Kafka's tools: {count}." / "Travail fait à la main ; fichiers importés : {files}, exécutions des outils de Kafka : {count}.";
    SummaryImportsOnly: "No action follows from verdicts: nothing was judged." / "Aucune action ne découle de verdicts : rien n'a été jugé.";
    SummaryInterrupted: "Steps that were interrupted: {steps}." / "Étapes interrompues : {steps}.";
    SummaryLeft: "Points to validate: {validate}; actions: {actions}; both have their own section." / "Points à valider : {validate} ; actions : {actions} ; voir leurs sections.";
    SummaryNothing: "No action follows from the verdicts of this run." / "Aucune action ne découle des verdicts de cette exécution.";
    SummaryOpen: "Steps that have not begun: {steps}." / "Étapes non commencées : {steps}.";
    SummaryRun: "Run {run} in {environment}, profile {profile}: {state}. Steps passed: {passed} of {steps}; waived: {waived}; passed over: {skipped}." / "Exécution {run} dans {environment}, profil {profile} : {state}. Étapes réussies : {passed} sur {steps} ; sous dérogation : {waived} ; sautées : {skipped}.";
    SummaryRunning: "Steps in progress or waiting for a person: {steps}." / "Étapes en cours ou en attente d'une personne : {steps}.";
    SummaryStands: "Changes to the platform that may still stand: {actions}." / "Changements de la plateforme peut-être encore en place : {actions}.";
    SummaryUnclassified: "Notes that nobody has classified yet: {count}." / "Notes que personne n'a encore classées : {count}.";
    Superseded: "superseded by a later run" / "remplacée par une exécution plus récente";
    Table: "table" / "tableau";
    TargetRate: "target rate" / "débit visé";
    Term: "term" / "terme";
    Throughput: "throughput" / "débit en volume";
    TimeOfDay: "time" / "heure";
    TimeSpan: "time span" / "période";
    TimeZone: "time zone" / "fuseau horaire";
    TimelinePicture: "when the steps were carried out" / "déroulement des étapes";
    Title: "title" / "titre";
    ToApprove: "Approve or refuse (jalon approve {step}): {name}: {reason}" / "Approuver ou refuser (jalon approve {step}) : {name} : {reason}";
    ToBeChecked: " (to verify: {check})" / " (à vérifier : {check})";
    ToValidate: "To validate" / "À valider";
    Topic: "topic" / "topic";
    UnclassifiedExplained: "Lines of imported files that read like notes. Nobody has said yet what they are (jalon note --classify):" / "Lignes de fichiers importés qui se lisent comme des notes. Personne n'a encore dit ce qu'elles sont (jalon note --classify) :";
    UnclassifiedTitle: "Not classified yet" / "Pas encore classé";
    Undo: "taken back" / "annulation";
    UndoByHand: "Take back what {action} did to the platform ({step}): {what}" / "Annuler ce que {action} a fait à la plateforme ({step}) : {what}";
    Undone: "taken back" / "annulé";
    UndoneWithin: "taken back by the action itself" / "annulé par l'action elle-même";
    Unfinished: "What came to no end or did not begin" / "Ce qui n'a pas abouti ou n'a pas commencé";
    Unlimited: "unlimited" / "illimité";
    Until: "until" / "jusqu'au";
    Value: "value" / "valeur";
    Verdict: "verdict" / "verdict";
    Versions: "jalon version" / "version de jalon";
    WaitsForAnswer: "waits for an answer: {question}" / "attend une réponse : {question}";
    Waiver: "waiver" / "dérogation";
    WaiverEnds: "The waiver of {name} ends on {reason}: mend the cause before" / "La dérogation de l'{name} prend fin le {reason} : corriger la cause avant";
    WaiverExpired: "waiver (expired)" / "dérogation (expirée)";
    WaiverHasNoEnd: "The waiver of {name} has no expiry: settle it ({reason})" / "La dérogation de l'{name} est sans échéance : la régler ({reason})";
    WarmUp: "warm-up" / "montée en charge";
    Warning: "warn" / "avertissement";
    WarningToValidate: "Warning to explain: {criterion}" / "Avertissement à expliquer : {criterion}";
    Watch: "watch" / "surveillance";
    WatchNamed: "samples of watch {watch} ({kind})" / "échantillons de la surveillance {watch} ({kind})";
    WatchedBy: "watch {watch} ({kind})" / "surveillance {watch} ({kind})";
    WatchesElsewhere: "Watches of the time: {count}. Every value that they saw: {annex}." / "Surveillances de la période : {count}. Toutes les valeurs vues : {annex}.";
    WatchesSection: "what the watches saw" / "ce que les surveillances ont vu";
    When: "when" / "quand";
    WholeMilliseconds: "Kafka's tool gives percentiles in whole milliseconds, of a sample of at most 500,000 records" / "l'outil de Kafka donne des centiles en millisecondes entières, sur un échantillon d'au plus 500 000 enregistrements";
    Window: "time window" / "période";
    Withdrawn: "Figures from {name} are withdrawn: {why}" / "Les valeurs issues de {name} sont retirées : {why}";
    WithdrawnFigure: "withdrawn (artifact altered)" / "retiré (artefact altéré)";
    WorkSection: "Work of the day" / "Travaux réalisés";
    Yes: "yes" / "oui";
    ZookeeperLatency: "ZooKeeper latency (max)" / "latence de ZooKeeper (max)";
}

/// The word or sentence of that key.
pub(in crate::report) fn get(language: Language, key: Word) -> &'static str {
    // The catalogue stands in the order of the keys: both come from one list.
    let (_, _, en, fr) = CATALOGUE[key as usize];
    match language {
        Language::En => en,
        Language::Fr => fr,
    }
}

/// Every key's name and its word.
#[cfg(test)]
fn all(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    CATALOGUE.iter().map(move |(key, name, _, _)| (*name, get(language, *key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn places(sentence: &str) -> BTreeSet<&str> {
        sentence.split('{').skip(1).filter_map(|p| p.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn both_languages_are_complete() {
        let mut seen = BTreeSet::new();
        for (at, (key, name, en, fr)) in CATALOGUE.iter().enumerate() {
            assert_eq!(*key as usize, at);
            assert!(!en.trim().is_empty() && !fr.trim().is_empty(), "{name}");
            assert_eq!(places(en), places(fr), "{name}");
            assert!(seen.insert(name), "{name}");
        }
        for language in Language::ALL {
            assert_eq!(all(language).count(), CATALOGUE.len());
        }
    }

    #[test]
    fn every_word_is_used() {
        let names: BTreeSet<&str> = all(Language::En).map(|(name, _)| name).collect();
        let mut sources = String::new();
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false if path.extension().is_some_and(|e| e == "rs") => {
                        sources.push_str(&std::fs::read_to_string(path).unwrap());
                    }
                    false => {}
                }
            }
        }
        let unused: Vec<&&str> = names
            .iter()
            .filter(|name| !sources.contains(&format!("Word::{name}")))
            .filter(|name| !name.starts_with("State"))
            .collect();
        assert!(unused.is_empty(), "{unused:?}");
    }
}
