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
    AboveObjective: ", above the objective of {limit}" / ", au-dessus de l'objectif de {limit}";
    AboveRateShort: "target rate exceeded by more than {tolerance}" / "débit visé dépassé de plus de {tolerance}";
    AchievedRate: "achieved rate" / "débit obtenu";
    AchievedRatio: "achieved / target" / "obtenu / visé";
    AchievedShort: "achieved" / "obtenu";
    Acknowledges: "acknowledges" / "acquitte";
    Action: "action" / "action";
    Actions: "Actions" / "Actions";
    ActionsSection: "actions with their exact parameters" / "actions et leurs paramètres exacts";
    Actual: "actual" / "réel";
    After: "after" / "après";
    Afternoon: "afternoon" / "après-midi";
    AgainstRun: "The latest run compared with {run}, the last earlier run that passed with the same parameters. The interval comes from the noise within the two loads (moving-block bootstrap, 95 %)." / "La dernière exécution à côté de {run}, la précédente qui a réussi avec les mêmes paramètres. L'intervalle vient du bruit au sein des deux charges (bootstrap par blocs mobiles, 95 %).";
    AgainstTheRun: "against run {run}: {told}" / "par rapport à l'exécution {run} : {told}";
    AgainstTitle: "Compared with the previous run" / "Par rapport à l'exécution précédente";
    AlsoDiffered: "What else differed:" / "Ce qui différait aussi :";
    AlsoSaid: "; also {by}" / " ; aussi {by}";
    AnalysisSection: "Factual analysis" / "Analyse factuelle";
    AndOthers: " ({count} {count|other|others}, section 8)" / " ({count} {count|autre|autres}, section 8)";
    AnnexNamed: "Annex {letter}: {title}" / "Annexe {letter} : {title}";
    Annexes: "Annexes" / "Annexes";
    AnswerOf: "Answer for {name} (jalon approve {step}), then resume (jalon resume)" / "Répondre pour l'{name} (jalon approve {step}), puis reprendre (jalon resume)";
    AnsweredNo: "answered no" / "réponse : non";
    AnsweredYes: "answered yes" / "réponse : oui";
    Approved: "approved" / "approuvé";
    ArchitectureDiagram: "architecture, from the environment file" / "architecture, d'après le fichier d'environnement";
    ArchitectureNotSupplied: "Architecture: not supplied. Neither a run of this day nor its environment file describes the platform under test." / "Architecture : non fournie. Ni une exécution de ce jour ni son fichier d'environnement ne décrivent la plateforme testée.";
    ArrivalRate: "rate of arrivals" / "débit d'arrivée";
    ArrivalVolume: "throughput of arrivals" / "débit d'arrivée en volume";
    ArrivalsApart: "achieved: records sent; MB/s and latencies: records that arrived" / "obtenu : enregistrements envoyés ; MB/s et latences : enregistrements arrivés";
    ArrivedAt: "{rate} arrived" / "{rate} à l'arrivée";
    Artifact: "artifact" / "artefact";
    Artifacts: "Artifacts that the steps must leave" / "Artefacts que les étapes doivent laisser";
    AskedFor: "{rate} asked for" / "{rate} visés";
    Attempt: "attempt" / "tentative";
    Attempts: "attempts" / "tentatives";
    AttemptsSection: "Every attempt" / "Toutes les tentatives";
    AuditOf: "audit of cluster {cluster}, {settings} {settings|setting|settings} of security" / "audit du cluster {cluster}, {settings} {settings|paramètre|paramètres} de sécurité";
    Authentication: "Authentication" / "Authentification";
    Authorisation: "Authorisation" / "Autorisation";
    Authors: "written by" / "rédigé par";
    Average: "average" / "moyenne";
    AverageShort: "avg" / "moy.";
    Backlog: "greatest backlog" / "retard maximal du générateur";
    BatchSizeAssumed: " (16,384 is the default; the client's properties file is not attached)" / " (16 384 est la valeur par défaut ; le fichier du client n'est pas joint)";
    BatchesFull: "batches {percent} % full ({size} B)" / "lots remplis à {percent} % de {size} o";
    BatchesLow: "batches {percent} % full ({size} B): linger.ms is too short to group more" / "lots remplis à {percent} % de {size} o : linger.ms trop court pour grouper";
    BatchesOver: "a record is larger than batch.size ({size} B): one record a batch" / "un enregistrement dépasse batch.size ({size} o) : un seul par lot";
    Before: "before" / "avant";
    BelowObjective: ", below the objective of {limit}" / ", sous l'objectif de {limit}";
    BrokerCpu: "broker CPU (max, %)" / "CPU des brokers (max, %)";
    BufferFull: "share of time that the client waited for buffer space" / "part du temps passée à attendre de la place dans le tampon du client";
    BufferNeverFull: "the client's buffer was never full" / "le tampon du client n'a jamais été plein";
    By: "by" / "par";
    ByAPerson: "set by a person" / "classé par une personne";
    ByDefault: "default" / "défaut";
    ByHand: "done by hand; lines {first} to {last} of {file}" / "fait à la main ; lignes {first} à {last} de {file}";
    ByItsWords: "by its words: {words}" / "d'après ses mots : {words}";
    ByNobody: "open (jalon note --classify)" / "ouvert (jalon note --classify)";
    Campaign: "campaign" / "campagne";
    Cancelled: "{step}, attempt {attempt}: action {action}, started {started}, was stopped before its end" / "{step}, tentative {attempt} : l'action {action}, démarrée le {started}, a été arrêtée avant sa fin";
    CappedUncapped: "capped against uncapped" / "plafonné et non plafonné";
    CarriedOut: "{from}–{to}, {step}: {state}{done}" / "{from}–{to}, {step} : {state}{done}";
    CarryOut: "Carry out {name}" / "Exécuter l'{name}";
    CarryOutStep: "Run step {step}, {title}" / "Exécuter l'étape {step}, {title}";
    CarryOutSteps: "Run steps {first} to {last} of the plan" / "Exécuter les étapes {first} à {last} du plan";
    CatchUp: "time to catch up" / "temps de rattrapage";
    CatchUpStep: "Run {name}, or confirm that it is skipped" / "Rattraper l'{name}, ou confirmer qu'elle est écartée";
    ChangeSecret: "change it if others can read the source" / "le changer si d'autres peuvent lire la source";
    ChangeSecretIn: "Change the secret that is in clear in {file}" / "Changer le secret lisible en clair dans {file}";
    ChangesSection: "changes, faults, configuration and decisions" / "changements, fautes, configuration et décisions";
    ChangesTitle: "Changes to the platform" / "Changements de la plateforme";
    Classification: "classification" / "classification";
    ClassifyLines: "Classify {count} {count|line|lines} of notes (jalon note --classify)" / "Classer {count} {count|ligne|lignes} de notes (jalon note --classify)";
    Client: "client" / "client";
    ClientTold: "Client statistics and messages" / "Statistiques et messages du client";
    CloseSecurity: "Fix the security settings, or record a waiver with an expiry date" / "Corriger les réglages de sécurité, ou consigner une dérogation avec échéance";
    Cluster: "cluster" / "cluster";
    ComparisonsSection: "comparisons" / "comparaisons";
    Complete: "complete" / "complet";
    Compressed: "size after compression: {percent} %" / "taille après compression : {percent} %";
    Confirmations: "confirmations" / "confirmations";
    Contents: "contents" / "sommaire";
    ContextTitle: "Loads and platform" / "Charges et plateforme";
    CorrectOrWaive: "fix, or record a waiver" / "corriger, ou consigner une dérogation";
    Corrected: "corrected" / "corrigé";
    Corrupt: "corrupt" / "corrompus";
    CouldNotBeJudged: "{names}: {reason}" / "{names} : {reason}";
    CountedAudits: "{count} {count|audit|audits}" / "{count} {count|audit|audits}";
    CountedBrokers: "{count} {count|broker|brokers}" / "{count} {count|broker|brokers}";
    CountedCopies: "{count} replication {count|check|checks}" / "{count} {count|contrôle|contrôles} de réplication";
    CountedCorrupt: "{count} corrupt" / "{count} {count|corrompu|corrompus}";
    CountedDuplicated: "{count} duplicated" / "{count} {count|dupliqué|dupliqués}";
    CountedExporters: "{count} {count|exporter|exporters}" / "{count} {count|exporteur|exporteurs}";
    CountedFaults: "{count} {count|fault|faults} injected" / "{count} {count|faute injectée|fautes injectées}";
    CountedFaultsUndone: "{count} {count|fault|faults} injected and reverted" / "{count} {count|faute injectée puis annulée|fautes injectées puis annulées}";
    CountedLoads: "{count} {count|load|loads}" / "{count} {count|charge|charges}";
    CountedLooks: "{count} {count|check|checks}" / "{count} {count|contrôle|contrôles}";
    CountedLost: "{count} lost" / "{count} {count|perdu|perdus}";
    CountedReads: "{count} {count|read|reads}" / "{count} {count|lecture|lectures}";
    CountedReordered: "{count} out of order" / "{count} dans le désordre";
    CountedSteps: "{count} {count|step|steps}" / "{count} {count|étape|étapes}";
    Criteria: "criteria" / "critères";
    CriteriaOfStep: "{step}: {passed} of {criteria} {criteria|criterion|criteria} met (attempt {attempt})" / "{step} : {passed} {passed|critère respecté|critères respectés} sur {criteria} (tentative {attempt})";
    CriteriaSection: "every criterion" / "tous les critères";
    Criterion: "criterion" / "critère";
    Critical: "critical" / "critique";
    DailyReport: "Daily report – {day}" / "Rapport journalier – {day}";
    Dashboard: "dashboard" / "tableau de bord";
    DashboardsChecked: "Dashboards (Grafana): {ok} of {count} {count|request|requests} answered." / "Tableaux de bord (Grafana) : {ok} {ok|requête|requêtes} sur {count} ont répondu.";
    DashboardsNotChecked: "Dashboards: not checked by a step in this period." / "Tableaux de bord : non contrôlés par une étape sur cette période.";
    DashboardsTitle: "Dashboards: missing, corrected, left" / "Tableaux de bord : manquants, corrigés, restants";
    Day: "day" / "jour";
    DayInclusive: "{day} inclusive" / "{day} inclus";
    DecideOn: "Approve or refuse {name} (jalon approve {step})" / "Approuver ou refuser l'{name} (jalon approve {step})";
    Decided: "{what}, step {step}{until}: {reason}" / "{what}, étape {step}{until} : {reason}";
    DecidedBare: "{what}, step {step}{until}" / "{what}, étape {step}{until}";
    Decision: "decision" / "décision";
    Decisions: "decisions" / "décisions";
    DecisionsSection: "Waivers, skips, approvals and decisions" / "Dérogations, étapes sautées, approbations et décisions";
    Description: "command or description" / "commande ou description";
    DiagramsSection: "Diagrams" / "Diagrammes";
    Difference: "difference" / "écart";
    Disturbed: "a fault was injected during the load" / "une faute était injectée pendant la charge";
    DoesNotHold: "does not hold: {criteria}" / "non respecté : {criteria}";
    Domain: "domain" / "domaine";
    Done: "done" / "fait";
    DoneByHand: "{count} manual {count|run|runs} of {tools} on {topics} {topics|topic|topics} ({names})." / "{count} {count|tir|tirs} {tools} {count|exécuté|exécutés} à la main sur {topics} {topics|topic|topics} ({names}).";
    DoneNoted: "Noted: {text}." / "Noté : {text}.";
    Duplicated: "duplicated" / "dupliqués";
    Duration: "duration" / "durée";
    EffectOf: "{parameter}: {before} → {after} ({first} → {second}), the only difference: {told}." / "{parameter} : {before} → {after} ({first} → {second}), seule différence : {told}.";
    Encryption: "Encryption" / "Chiffrement";
    EndToEnd: "end to end" / "de bout en bout";
    Ended: "ended" / "fin";
    EndsOn: "ends on {until}" / "prend fin le {until}";
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
    ExplainLimit: "Explain the limit at {limit} ({title})" / "Expliquer la limite à {limit} ({title})";
    ExplainWarnings: "Explain the warnings of {name}" / "Expliquer les avertissements de l'{name}";
    ExplanationsExplained: "General facts about Kafka, not findings of this campaign:" / "Faits généraux sur Kafka, et non des constats de cette campagne :";
    ExplanationsTitle: "General facts" / "Faits généraux";
    ExportMetrics: "export the missing metrics" / "exporter les métriques absentes";
    ExporterDown: "exporter {exporter} does not answer" / "l'exporteur {exporter} ne répond pas";
    ExporterStale: "exporter {exporter} serves a stale page" / "l'exporteur {exporter} sert une page périmée";
    Fact: "fact" / "information";
    FactorBetween: ", 95 % between ×{low} and ×{high}" / ", à 95 % entre ×{low} et ×{high}";
    FactAndSource: "fact (source)" / "fait (source)";
    FactsSection: "facts about the platform and objectives" / "informations sur la plateforme et objectifs";
    FaultsSection: "Injected faults and other changes to undo" / "Fautes injectées et autres changements à annuler";
    Figure: "figure" / "grandeur";
    Figures: "figures" / "résultats";
    File: "file" / "fichier";
    FileNamed: "file {file}" / "fichier {file}";
    FoundMissing: "found missing" / "constaté manquant";
    FoundWithEvidence: "found (evidence)" / "constaté (preuve)";
    FreeLatencies: "Uncapped, P99 below the objective of {limit} for {below} of {count} {count|load|loads}; highest: {high} ({name})." / "Sans plafond, P99 sous l'objectif de {limit} pour {below} {below|charge|charges} sur {count} ; le plus haut : {high} ({name}).";
    FreeLatenciesSeen: "Uncapped, highest P99: {high} ({name})." / "Sans plafond, P99 le plus haut : {high} ({name}).";
    FreeLoads: "Uncapped: up to {rate} ({name})." / "Sans plafond : jusqu'à {rate} ({name}).";
    Friday: "Friday" / "vendredi";
    FromIntended: "from the intended send time" / "depuis l'instant d'envoi prévu";
    FromSend: "from the send call" / "depuis l'appel d'envoi";
    FurtherInAnnexes: "and {count} more, in the annexes" / "et {count} {count|autre|autres}, dans les annexes";
    FurtherLines: "{file}: {count} more unclassified {count|line|lines}" / "{file} : {count} {count|autre ligne non classée|autres lignes non classées}";
    FurtherPairs: "Further pairs that differ in one parameter: {count}." / "Autres paires qui diffèrent d'un seul paramètre : {count}.";
    FurtherNoted: "{count} further {count|line|lines} of the same kind: see the annexes" / "{count} {count|autre ligne|autres lignes} du même genre : voir les annexes";
    FurtherScenarios: "{count} further {count|scenario|scenarios}: {annex}." / "{count} {count|autre scénario|autres scénarios} : {annex}.";
    GlossarySection: "glossary" / "glossaire";
    GoOn: "Resume {name} (jalon resume): {reason}" / "Reprendre l'{name} (jalon resume) : {reason}";
    GoOnWith: "Resume {name} (jalon resume)" / "Reprendre l'{name} (jalon resume)";
    Higher: "higher" / "plus haut";
    HighestHeld: "highest rate that held" / "plus haut débit tenu";
    HighestRate: "capacity" / "capacité";
    HowFar: "{begun} of {all} steps run in {environment} (profile {profile}, run {state}), {passed} passed{others}." / "{begun} {begun|étape|étapes} sur {all} {begun|exécutée|exécutées} dans {environment} (profil {profile}, exécution {state}), {passed} {passed|réussie|réussies}{others}.";
    Hung: "{step}, attempt {attempt}: action {action}, started {started}, hung until its time limit" / "{step}, tentative {attempt} : l'action {action}, démarrée le {started}, est restée bloquée jusqu'à sa limite de temps";
    Hypothesis: "Hypothesis" / "Hypothèse";
    ImportAgain: "Import {file} again" / "Importer de nouveau {file}";
    ImportReading: "what was read from {file}" / "ce qui a été lu dans {file}";
    ImportSource: "{file}, secrets masked" / "{file}, secrets masqués";
    ImportsSection: "work done by hand and lines of the notes" / "travail fait à la main et lignes des notes";
    ImportsTitle: "Work done by hand" / "Travail fait à la main";
    InProgress: "in progress: {action}" / "en cours : {action}";
    InProgressSince: "{step}, attempt {attempt}: action {action} is in progress since {started}" / "{step}, tentative {attempt} : l'action {action} est en cours depuis le {started}";
    InconclusiveToValidate: "Could not be judged: {criterion}" / "N'a pas pu être jugé : {criterion}";
    InterruptedBetween: "the run ended between two actions of the step" / "l'exécution s'est arrêtée entre deux actions de l'étape";
    InterruptedDuring: "the run ended during {actions}" / "l'exécution s'est arrêtée pendant {actions}";
    JoinOutput: "Attach the tool's output, or measure again with a step of the plan" / "Joindre la sortie du tir, ou le refaire par une étape du plan";
    JoinTime: "time to join the group" / "temps d'entrée dans le groupe";
    JournalRecords: "journal records" / "enregistrements du journal";
    JudgesNoPlatform: "Loads of a few seconds (profile {profile}): rates and latencies do not assess a platform; losses, errors, states and settings do." / "Charges de quelques secondes (profil {profile}) : débits et latences ne jugent pas une plateforme ; pertes, erreurs, états et réglages, si.";
    Kept: "{action}: kept from attempt {from}" / "{action} : repris de la tentative {from}";
    Kind: "sort" / "nature";
    Lag: "records not replicated yet" / "enregistrements pas encore répliqués";
    LagAtMost: "at most {lag} records behind" / "au plus {lag} enregistrements de retard";
    LagPicture: "{step}, attempt {attempt}: records not replicated yet, over time" / "{step}, tentative {attempt} : enregistrements pas encore répliqués, au fil du temps";
    LagTold: "{watch}: at most {high} records, {end} at the end." / "{watch} : au plus {high} enregistrements, {end} à la fin.";
    LargerBatch: "Run {title} again with batch.size ≥ {wanted}" / "Refaire {title} avec batch.size ≥ {wanted}";
    LatenciesJudged: "P99 below the objective of {limit} for {below} of {count} loads; highest: {high} ({name})." / "P99 sous l'objectif de {limit} pour {below} {below|charge|charges} sur {count} ; le plus haut : {high} ({name}).";
    LatenciesSeen: "Highest P99: {high} ({name})." / "P99 le plus haut : {high} ({name}).";
    LatenessNotMeasured: "Replication lag and latency: not measured." / "Retard et latence de la réplication : non mesurés.";
    LaterNotBegun: "{count} {count|criterion|criteria} of the step could not be judged: its later actions did not begin" / "{count} {count|critère de l'étape n'a pas pu être jugé|critères de l'étape n'ont pas pu être jugés} : ses actions suivantes n'ont pas commencé";
    Latencies: "latencies" / "latences";
    Latency: "latency" / "latence";
    LatencyAtMost: "P99 from source to target at most {p99}" / "P99 de la source à la cible d'au plus {p99}";
    LeadDone: "Done." / "Réalisé.";
    LeadPriorities: "Priorities." / "Priorités.";
    LeadResults: "Results." / "Résultats.";
    LeadRisks: "Risks." / "Risques.";
    LeftNoEvidence: "{count} {count|criterion|criteria} of the step could not be judged: the action left no evidence" / "{count} {count|critère de l'étape n'a pas pu être jugé|critères de l'étape n'ont pas pu être jugés} : l'action n'a laissé aucune preuve";
    LeftToDo: "left to do" / "reste à faire";
    Limit: "limit" / "limite";
    LimitedBy: "limited by" / "limité par";
    Line: "line" / "ligne";
    LineOf: "{file}, line {line}: {text}" / "{file}, ligne {line} : {text}";
    LoadAbove: "{title}, {target} of {size}: target rate exceeded by more than {tolerance} ({rate}, {share}), P99 {p99}{verdict}." / "{title}, {target} de {size} : débit visé dépassé de plus de {tolerance} ({rate}, {share}), P99 {p99}{verdict}.";
    LoadHeld: "{title}, {target} of {size}: target rate reached within {tolerance} ({rate}), P99 {p99}{verdict}." / "{title}, {target} de {size} : débit visé tenu à {tolerance} près ({rate}), P99 {p99}{verdict}.";
    LoadNotHeld: "{title}, {target} of {size}: {rate} achieved ({share} of the target), {volume}, P99 {p99}{verdict}." / "{title}, {target} de {size} : {rate} obtenus ({share} du visé), {volume}, P99 {p99}{verdict}.";
    LoadOfSeconds: "a load of {seconds} s is too short" / "{seconds} s de charge sont trop peu";
    LoadsAbove: "Target rate exceeded by more than {tolerance}: {names}." / "Débit visé dépassé de plus de {tolerance} : {names}.";
    LoadsHeld: "All {count} capped loads reached the target rate within {tolerance}." / "Les {count} charges plafonnées tiennent le débit visé à {tolerance} près.";
    LoadsHeldInPart: "{held} of {count} capped loads reached the target rate within {tolerance}." / "{held} {held|charge plafonnée|charges plafonnées} sur {count} {held|tient|tiennent} le débit visé à {tolerance} près.";
    LoadsOfSeconds: "Loads of a few seconds: read them as checks, not as effects; no factor is given." / "Charges de quelques secondes : à lire comme des contrôles, non comme des effets ; aucun facteur n'est donné.";
    LoadsTooShort: "Too short to compare: {names}. Read such a pair as a check, not as an effect; no factor is given." / "Trop court pour comparer : {names}. Une telle paire se lit comme un contrôle, non comme un effet ; aucun facteur n'est donné.";
    LongerLoad: "Run {title} again for several minutes" / "Refaire {title} sur plusieurs minutes";
    LossNotMeasured: "losses not measured" / "pertes non mesurées";
    Lost: "lost" / "perdus";
    Lower: "lower" / "plus bas";
    LowestNotHeld: "lowest rate that did not hold" / "plus bas débit non tenu";
    Made: "report made" / "rapport établi";
    MakeItHold: "Fix the cause, then jalon retry {step}: {criterion}" / "Le faire respecter, puis jalon retry {step} : {criterion}";
    Maximum: "maximum" / "maximum";
    MbExplained: "MB is 1,024 × 1,024 bytes, as in Kafka's own tools." / "MB vaut 1 024 × 1 024 octets, comme dans les outils de Kafka.";
    Meaning: "meaning" / "sens";
    MeasureAgain: "Measure again, then jalon retry {step}: {name}: {reason}" / "Mesurer de nouveau, puis jalon retry {step} : {name} : {reason}";
    MeasureStep: "Measure {name} again (jalon retry {step})" / "Mesurer de nouveau l'{name} (jalon retry {step})";
    MendAndRetry: "Fix the cause, then jalon retry {step}: {name}: {reason}" / "Corriger la cause, puis jalon retry {step} : {name} : {reason}";
    MendStep: "Fix the cause, then run {name} again (jalon retry {step})" / "Corriger la cause, puis refaire l'{name} (jalon retry {step})";
    MetricsMissing: "exporter {exporter} does not export {count} expected {count|metric|metrics}" / "l'exporteur {exporter} n'a pas {count} {count|métrique attendue|métriques attendues}";
    Minimum: "minimum" / "minimum";
    Missed: "without a value" / "sans valeur";
    Missing: "missing" / "absent";
    Monday: "Monday" / "lundi";
    MonitoringSection: "Dashboards and monitoring" / "Tableaux de bord et supervision";
    Morning: "morning" / "matin";
    MustHold: "cannot be waived" / "sans dérogation possible";
    Name: "name" / "nom";
    NeverBegan: "{step}: did not begin" / "{step} : n'a pas commencé";
    NeverEnded: "{step}, attempt {attempt}: action {action}, started {started}, did not finish: the run ended during the action" / "{step}, tentative {attempt} : l'action {action}, démarrée le {started}, n'a pas de fin : l'exécution s'est arrêtée pendant l'action";
    Next: "next" / "ensuite";
    NextSection: "Next steps" / "Prochaines étapes";
    Night: "night" / "nuit";
    No: "no" / "non";
    NoDeviation: "no deviation" / "aucun écart";
    NoDifference: "no detectable difference" / "pas de différence décelable";
    NoEnd: "it did not finish: the run ended during the action" / "pas de fin : l'exécution s'est arrêtée pendant l'action";
    NoFacts: "No fact is known." / "Aucune information n'est connue.";
    NoGain: "compression did not reduce the size" / "la compression n'a rien gagné";
    NoHypothesis: "No hypothesis was noted." / "Aucune hypothèse notée.";
    NoMonitoring: "Nothing is missing, and nothing was noted." / "Rien n'a été trouvé manquant et rien n'a été noté.";
    NoOutput: "The tool's output for this load is not attached: its rate and percentiles are unknown" / "Aucune sortie d'outil n'est jointe pour ce tir : ni débit obtenu ni percentiles";
    NoPlan: "The plan cannot be read and no run has kept it." / "Le plan n'est pas lisible et aucune exécution ne l'a gardé.";
    NoPairs: "No two loads of this period differ in one parameter only and are long enough to tell its effect." / "Aucune paire de charges de cette période ne diffère d'un seul paramètre en étant assez longue pour en dire l'effet.";
    NoResults: "No load in this period produced figures." / "Aucune charge de cette période n'a donné de mesures.";
    NoRiskNoted: "Nothing was judged in this period, and no risk was noted." / "Rien n'a été jugé sur cette période, et aucun risque n'a été noté.";
    NoRiskSeen: "No criterion failed, nothing is left to revert on the platform, and no risk was noted." / "Aucun critère non conforme, rien ne reste à annuler sur la plateforme, et aucun risque n'a été noté.";
    NoRunBefore: "No earlier run passed in the same environment with the same parameters." / "Aucune exécution précédente n'a réussi dans le même environnement avec les mêmes paramètres.";
    NoSecurity: "Not checked: no security audit ran in this period, and nothing was noted." / "Non contrôlé : aucun audit de sécurité n'a été exécuté sur cette période, et rien n'a été noté.";
    NoUncapped: "Capped and uncapped: no output of an uncapped load is attached to this report." / "Plafonné et non plafonné : aucun tir sans plafond n'a de sortie jointe à ce rapport.";
    NobodyClassified: "their kind does not follow from their words" / "leur nature ne se déduit pas de leurs mots";
    None: "None." / "Néant.";
    NotClassified: "{text} (not classified yet)" / "{text} (pas encore classé)";
    NotComparable: "not compared: {why}" / "non comparé : {why}";
    NotCompared: "not compared" / "non comparé";
    NotCompressed: "sent without compression" / "envoyé sans compression";
    NotGiven: "not given" / "non donné";
    NotHeld: "Target rate not reached by {count} {count|load|loads}, {names}: their latencies include the wait in the client and do not describe the broker alone" / "Débit visé non tenu par {count} {count|charge|charges}, {names} : leurs latences contiennent l'attente dans le client et ne décrivent pas le broker seul";
    NotHeldNamed: "Target rate not reached by {count} {count|load|loads}: {names}" / "Débit visé non tenu par {count} {count|charge|charges} : {names}";
    NotHeldShort: "target rate not reached: latencies include the wait in the client" / "débit visé non tenu : les latences contiennent l'attente dans le client";
    NotJudged: "not judged" / "non jugé";
    NotJudgedYet: "could not be judged: {criteria}" / "n'a pas pu être jugé : {criteria}";
    NotMeasured: "not measured" / "non mesuré";
    NotMeasuredMeanwhile: "Broker CPU and ZooKeeper latency: not measured during these loads." / "CPU des brokers et latence de ZooKeeper : non mesurés pendant ces tirs.";
    NotRetried: "no retries" / "aucun renvoi";
    NotSupplied: "not supplied" / "non fourni";
    NotUnderstood: "{file}: lines that were not understood: {count}" / "{file} : lignes non comprises : {count}";
    NotUnderstoodLines: "lines not understood" / "lignes non comprises";
    NotUndone: "NOT TAKEN BACK: {why}" / "NON ANNULÉ : {why}";
    NoteLines: "notes" / "notes";
    Noted: "noted" / "noté";
    NotedDecision: "decision noted" / "décision notée";
    NotedHypothesis: "hypothesis noted" / "hypothèse notée";
    NotedOnly: "noted, not checked by a step" / "noté, non contrôlé par une étape";
    Nothing: "nothing" / "rien";
    NothingCarriedOut: "no step of the plan has run" / "aucune étape du plan n'a été exécutée";
    NothingCompared: "No two loads of this period are comparable." / "Aucune charge de cette période ne peut être comparée à une autre.";
    NothingNoted: "No action was noted." / "Aucune action n'a été notée.";
    NothingOfThePlan: "No step of the plan was run by jalon in this period." / "Aucune étape du plan n'a été exécutée par jalon sur cette période.";
    NothingOpen: "Nothing is open: all steps passed and no action was noted." / "Rien n'est ouvert : toutes les étapes sont réussies et aucune action n'a été notée.";
    Number: "no." / "n°";
    Objective: "objective" / "objectif";
    Objectives: "Objectives" / "Objectifs";
    Observation: "observation" / "constat";
    Observed: "Observed" / "Observé";
    ObservedAndLimit: "observed {observed}, limit {limit}" / "constaté {observed}, limite {limit}";
    ObservedSection: "all observations" / "tous les constats";
    ObservedValue: "observed" / "constaté";
    OlderPeriods: "Older periods are in the reports of their days: {count}." / "Périodes plus anciennes, dans les rapports de leurs jours : {count}.";
    OneStepIs: "step {steps} {state}" / "étape {steps} {state}";
    OperatingPoints: "Several settings differ ({settings}): read these as operating points, not as the effect of one setting." / "Plusieurs réglages diffèrent ({settings}) : à lire comme des points de fonctionnement, non comme l'effet d'un seul réglage.";
    Operator: "operator" / "opérateur";
    OtherTopic: "on another topic" / "sur un autre topic";
    OverTime: "values over time" / "valeurs au fil du temps";
    Output: "output" / "mesure";
    OverTimeLatency: "Highest P99: {p99} ms." / "P99 le plus haut : {p99} ms.";
    OverTimePicture: "rate and latency over time" / "débit et latence au fil du temps";
    OverTimeShade: "{what}: from {from} s to {to} s." / "{what} : de {from} s à {to} s.";
    OverTimeTold: "Each point is at most {length} s: the average rate and the highest latency in it. Rate from {low} to {high} records/s." / "Chaque point couvre au plus {length} s : débit moyen et latence la plus haute de cet intervalle. Débit de {low} à {high} enr./s.";
    P50: "P50" / "P50";
    P99: "P99" / "P99";
    Page: "page" / "page";
    PagesRead: "Pages of metrics: {up} of {pages} {pages|exporter|exporters} answer, {missing} expected {missing|metric|metrics} missing, {stale} stale; slowest page {slowest}." / "Pages de métriques : {up} {up|exporteur|exporteurs} sur {pages} {up|répond|répondent}, {missing} {missing|métrique attendue absente|métriques attendues absentes}, {stale} {stale|page périmée|pages périmées} ; page la plus lente : {slowest}.";
    PairsExplained: "Loads of the same kind and client that differ in one parameter; the factor is the second one divided by the first one. Loads that differ in more, and loads with an injected fault, are not compared; loads of different steps only where a step has no such pair of its own." / "Charges de même nature et de même client qui diffèrent d'un seul paramètre ; le facteur est la seconde divisée par la première. Ne sont pas mises côte à côte des charges qui diffèrent davantage, ni celle pendant laquelle une faute était injectée ; entre étapes, seulement si une étape n'a pas de telle paire à elle.";
    PairsTitle: "Only one parameter differs" / "Un seul paramètre différent";
    Parameter: "parameter" / "paramètre";
    PerSecond: "rec/s" / "enr./s";
    Percentile: "percentile" / "percentile";
    PercentilesPicture: "latency percentiles by scenario, on a logarithmic scale" / "percentiles de latence par scénario, sur une échelle logarithmique";
    Picture: "figure" / "figure";
    Plan: "Test plan" / "Plan de tests";
    PlanDiagram: "the plan and the state of its steps" / "le plan et l'état de ses étapes";
    PlanDone: "Each step is one file: its prerequisites, actions, criteria and artifacts. A step starts when its prerequisites have passed; its artifacts are evidence." / "Chaque étape est un fichier : ce dont elle dépend, ses actions, ses critères, ce qu'elle doit laisser. Une étape commence quand celles dont elle dépend sont réussies ; ce qu'elles laissent sert de preuve.";
    PlanNotBegun: "No step of the plan ({count} {count|step|steps}) ran in this period; section 10 shows the plan." / "Aucune étape du plan ({count} {count|étape|étapes}) n'a été exécutée sur cette période ; le plan est au diagramme de la section 10.";
    PointOfView: "measured" / "mesurée";
    Present: "present" / "présent";
    PrintedPicture: "rate and latency as the tool printed them" / "débit et latence tels que l'outil les a imprimés";
    PrintedTold: "{count} windows were printed; lines may be missing between two. Rate from {low} to {high} records/s." / "{count} fenêtres imprimées ; des lignes manquent peut-être entre deux. Débit de {low} à {high} enr./s.";
    PrintedWindow: "window, in the order of the output" / "fenêtre, dans l'ordre de la sortie";
    Probes: "probes" / "essais";
    Producer: "producer" / "producteur";
    ProducerSetting: "producer setting" / "réglage du producteur";
    Produces: "records" / "enregistrements";
    Production: "production" / "production";
    Profile: "profile" / "profil";
    ProfileNote: "note of the profile" / "note du profil";
    ProfileOfSeconds: "profile {profile} proves that the steps work; it does not assess a platform" / "le profil {profile} prouve que les étapes fonctionnent, il ne juge pas une plateforme";
    Queries: "queries" / "requêtes";
    QueueLittle: "wait in the client before the request" / "attente dans le client avant la requête";
    QueueMost: "most of the latency is waiting in the client" / "l'essentiel de la latence est l'attente dans le client";
    QueueWithWarmUp: "wait in the client, warm-up included" / "attente dans le client, préchauffage compris";
    Quoted: "quoted" / "cité";
    QuotedRule: "line of the mail that is answered" / "ligne du message auquel on répond";
    RanByHand: "{title}: {records} {records|record|records} of {size}, {asked}; {achieved} achieved" / "{title} : {records} {records|enregistrement|enregistrements} de {size}, {asked} ; {achieved} obtenus";
    Rate: "rate" / "débit";
    RatesPicture: "achieved rate by scenario" / "débit obtenu par scénario";
    RateUnknown: "Target rate not known: up to {rate} ({name})." / "Débit visé non connu : jusqu'à {rate} ({name}).";
    Readings: "Reads: up to {rate} ({name})." / "Lectures : jusqu'à {rate} ({name}).";
    ReadByHand: "{title}: {records} {records|record|records} read, {achieved}" / "{title} : {records} {records|enregistrement lu|enregistrements lus}, {achieved}";
    Reads: "reads" / "lit";
    RealSizes: "Run the plan with real sizes (another profile)" / "Exécuter le plan aux tailles réelles (autre profil)";
    Reason: "reason" / "motif";
    RecordAboveBatch: "a record of {size} is larger than batch.size ({batch}): one record a batch" / "un enregistrement de {size} dépasse batch.size ({batch}) : un seul par lot";
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
    RenewCertificate: "renew the certificate" / "renouveler le certificat";
    Reordered: "out of order" / "dans le désordre";
    ClustersCompared: "{place}: {topics} {topics|topic|topics} compared; missing on the target: {missing}; other partitions: {partitions}; other settings: {configs}; missing ACLs: {acls}; groups not covered: {groups} of {all}" / "{place} : {topics} {topics|topic comparé|topics comparés} ; absents de la cible : {missing} ; partitions différentes : {partitions} ; réglages différents : {configs} ; ACL manquantes : {acls} ; groupes non couverts : {groups} sur {all}";
    FailoverDrilled: "{place}: {drills} {drills|drill|drills}, {skipped} {skipped|record|records} skipped (of such failovers at most {share} skip records, 95 % confidence), at most {repeated} read again; RPO of at most {rpo} {rpo|record|records} and {rpo_s}, RTO of at most {rto}; back on the source {back_skipped} skipped, {back_repeated} read again" / "{place} : {drills} {drills|exercice|exercices}, {skipped} {skipped|enregistrement sauté|enregistrements sautés} (au plus {share} de telles bascules en sautent, confiance de 95 %), au plus {repeated} {repeated|relu|relus} ; RPO d'au plus {rpo} {rpo|enregistrement|enregistrements} et {rpo_s}, RTO d'au plus {rto} ; au retour sur la source {back_skipped} {back_skipped|sauté|sautés}, {back_repeated} {back_repeated|relu|relus}";
    FailoverInShort: "Failover: {skipped} {skipped|record|records} skipped, RPO of at most {rpo}, RTO of at most {rto}." / "Bascule : {skipped} {skipped|enregistrement sauté|enregistrements sautés}, RPO d'au plus {rpo}, RTO d'au plus {rto}.";
    FailoverTitle: "failover and parity" / "bascule et parité";
    HeartbeatsSeen: "{place}: newest heartbeat {age} old, longest silence {gap}" / "{place} : dernier battement il y a {age}, plus long silence {gap}";
    OffsetsInShort: "No failover was tried; in the worst check groups would skip {skip} {skip|record|records} and read {repeat} again." / "Aucune bascule essayée ; au pire contrôle les groupes sauteraient {skip} {skip|enregistrement|enregistrements} et en reliraient {repeat}.";
    OffsetsTranslated: "{place}: {groups} {groups|group|groups} in {partitions} {partitions|partition|partitions}; {skip} {skip|record|records} would be skipped, {repeat} read again; partitions without translation: {without}; not judged: {unjudged}" / "{place} : {groups} {groups|groupe|groupes} sur {partitions} {partitions|partition|partitions} ; {skip} {skip|enregistrement serait sauté|enregistrements seraient sautés}, {repeat} {repeat|relu|relus} ; partitions sans traduction : {without} ; non jugées : {unjudged}";
    Replicated: "Replication: {told} of {expected} records." / "Réplication : {told} sur {expected} enregistrements.";
    ReplicatedWhole: "Replication: no record lost, duplicated, reordered or corrupt, of {expected}." / "Réplication : aucun enregistrement perdu, dupliqué, déplacé ou corrompu, sur {expected}.";
    ReplicationNone: "replication off: no connector" / "réplication inactive : aucun connecteur";
    ReplicationOff: "replication not running: {connectors}" / "réplication arrêtée : {connectors}";
    ReplicationOn: "replication on: {connectors}" / "réplication active : {connectors}";
    ReportOf: "report of" / "rapport du";
    ReportTitle: "Test campaign report" / "Rapport de campagne de tests";
    RequestTime: "time of a request to the broker and back" / "temps d'une requête jusqu'au broker et retour";
    Reset: "reset" / "à refaire";
    RestartExporter: "restart the exporter, check its scrape" / "relancer l'exporteur, vérifier sa collecte";
    RestartTargets: "restore the targets" / "rétablir les cibles en panne";
    Resumed: "times resumed" / "reprises";
    Retried: "records sent again" / "enregistrements renvoyés";
    Risk: "Risk" / "Risque";
    RiskCertificate: "Certificate" / "Certificat";
    RiskContradictory: "Contradictory figures" / "Mesures contradictoires";
    RiskFailed: "Failed" / "Non conforme";
    RiskFault: "Not reverted" / "Encore en place";
    RiskInconclusive: "Could not be judged" / "Non concluant";
    RiskNoted: "Noted" / "Noté";
    RiskSaturation: "Target rate" / "Débit non tenu";
    RiskSecret: "Secret in clear" / "Secret en clair";
    RiskStopped: "Stopped" / "Arrêté";
    RiskTool: "Warning of a tool" / "Avertissement d'un outil";
    RiskWaiver: "Exception" / "Exception";
    RiskWarning: "Warning" / "Avertissement";
    RisksSection: "Risks and points of attention" / "Risques et points d'attention";
    Rule: "how it is known" / "règle";
    Run: "run" / "exécution";
    RunAgain: "Run {title} again" / "Refaire {title}";
    Runs: "Runs" / "Exécutions";
    Samples: "samples" / "échantillons";
    Saturated: "generator saturated" / "générateur saturé";
    Saturday: "Saturday" / "samedi";
    Scenario: "scenario" / "scénario";
    Scenarios: "scenarios" / "scénarios";
    ScenariosSection: "Performance tests" / "Tests de performance";
    ScrapeAge: "Age of the oldest sample in Prometheus: {age} s." / "Le relevé le plus ancien dans Prometheus avait {age} s.";
    Scrapes: "scrapes metrics" / "collecte les métriques";
    SecretIn: "The source of the notes ({file}) contains a secret in clear; it is masked here" / "Un secret est lisible dans la source des notes ({file}) ; il est masqué ici";
    SecretInClear: "contains a secret in clear; it is masked here" / "un secret y est lisible en clair ; il est masqué ici";
    Secrets: "Secrets" / "Secrets";
    Security: "security" / "sécurité";
    SecurityDeviates: "the security audits found deviations" / "les audits de sécurité ont trouvé des écarts";
    SecuritySection: "Security" / "Sécurité";
    SeeAnnex: "See {annex}." / "Voir {annex}.";
    SeeRisks: "See sections 8 and 9." / "Voir les sections 8 et 9.";
    SeeSection: "See section {number}." / "Voir la section {number}.";
    SeeWork: "See section 2." / "Voir la section 2.";
    SeenNotMeasured: " (seen by the operator, no measurement attached)" / " (constat de l'opérateur, sans mesure jointe)";
    Selection: "selection" / "sélection";
    SequenceByHand: "what the tools did" / "parcours des enregistrements mesurés";
    SequenceDiagram: "the path of a record" / "parcours d'un enregistrement";
    Settings: "settings" / "paramètres";
    Sha256: "SHA-256" / "SHA-256";
    SettingsDomain: "Settings" / "Réglages";
    SettleWaiver: "Resolve the waiver of {name}" / "Régler la dérogation de l'{name}";
    SeveralStepsAre: "steps {steps} {state}" / "étapes {steps} {state}";
    Severity: "severity" / "gravité";
    Shaded: "; shaded: {what}" / " ; en gris : {what}";
    Share: "of the target" / "du visé";
    ShareAchieved: "{share} of the target rate" / "{share} du débit visé";
    SheetsAll: "Sheets of the scenarios: {annex}." / "Fiches des scénarios : {annex}.";
    SheetsFurther: "Sheets of the other scenarios: {annex}." / "Fiches des autres scénarios : {annex}.";
    SheetsSection: "scenarios: settings, figures, latencies" / "scénarios : réglages, résultats, latences";
    SheetsTitle: "Scenario by scenario" / "Scénario par scénario";
    ShortHere: "{seconds} s of load only" / "{seconds} s de charge seulement";
    ShortLoad: "load of a few seconds: its figures do not assess a platform" / "charge de quelques secondes : ses mesures ne jugent pas une plateforme";
    SinceStart: "time since the start of the load" / "temps depuis le début de la charge";
    SinceStepStart: "time since the start of the step" / "temps depuis le début de l'étape";
    SinceTitle: "What changed since the days before" / "Ce qui a changé depuis les jours précédents";
    Size: "size" / "taille";
    Skip: "skipped" / "sautée";
    SlowNode: "slower than {node} ({fastest})" / "plus lent que {node} ({fastest})";
    Snapshot: "snapshot of the configuration" / "relevé de la configuration";
    SnapshotsSection: "Configuration kept" / "Configuration relevée";
    Source: "source" / "source";
    SourceToTarget: "from source to target" / "de la source à la cible";
    Started: "started" / "début";
    State: "state" / "état";
    Step: "step" / "étape";
    StepAndAction: "step and action" / "étape et action";
    StepAndObjective: "step and objective" / "étape et objectif";
    StepAsks: "{step}: waits for an answer" / "{step} : attend une réponse";
    StepChanged: "step {step} from {before} to {after}" / "étape {step} : {before} → {after}";
    StepInterrupted: "{step}: was interrupted" / "{step} : a été interrompue";
    StepNamed: "step {step}, {title}" / "étape {step}, {title}";
    StepRunning: "{step}: is running" / "{step} : est en cours";
    StepWaits: "{step}: waits for an approval" / "{step} : attend une approbation";
    StepsLeft: "{count} of {all} steps {count|has|have} not started" / "{count} {count|étape|étapes} sur {all} {count|n'a|n'ont} pas commencé";
    StepsPassed: "steps passed" / "étapes réussies";
    StepsSection: "steps: attempts and artifacts" / "étapes : tentatives et artefacts";
    StillRunning: "still running" / "encore en cours";
    StillStands: "not undone yet" / "pas encore annulé";
    Summary: "Executive summary" / "Résumé exécutif";
    SummaryFailed: "{step}, is {state}: {why}" / "{step}, est {state} : {why}";
    Sunday: "Sunday" / "dimanche";
    Superseded: "superseded by a later run" / "remplacée par une exécution plus récente";
    Table: "table" / "tableau";
    TargetRate: "target rate" / "débit visé";
    TargetShort: "target" / "visé";
    TargetsDown: "{down} {down|target|targets} of Prometheus down" / "{down} {down|cible|cibles} de Prometheus en panne";
    TargetsSeen: "Targets of Prometheus: {up} up, {down} down." / "Cibles de Prometheus : {up} {up|active|actives}, {down} en panne.";
    Term: "term" / "terme";
    Throttled: "longest time that a broker quota throttled a request" / "plus long temps pendant lequel un quota a retenu des requêtes";
    Throughput: "throughput" / "débit en volume";
    Thursday: "Thursday" / "jeudi";
    TimeOfDay: "time" / "heure";
    TimeSpan: "time span" / "période";
    TimelinePicture: "timeline of the steps" / "déroulement des étapes";
    Title: "title" / "titre";
    TimedAtMost: "From end to end: P99 at most {high} ({name})." / "De bout en bout : P99 d'au plus {high} ({name}).";
    TimedByHand: "{title}: P50 {p50}, P99 {p99}" / "{title} : P50 {p50}, P99 {p99}";
    ToAnswer: "Answer (jalon approve {step}), then resume: {name}: {reason}" / "Répondre (jalon approve {step}), puis reprendre : {name} : {reason}";
    ToApprove: "Approve or refuse (jalon approve {step}): {name}: {reason}" / "Approuver ou refuser (jalon approve {step}) : {name} : {reason}";
    ToBeChecked: " (to verify: {check})" / " (à vérifier : {check})";
    ToDoSection: "all actions" / "toutes les actions";
    ToValidate: "To validate" / "À valider";
    ToValidateSection: "everything to validate" / "tout ce qui est à valider";
    Topic: "topic" / "topic";
    TotalContradictory: "total contradictory ({count}): its figures are not judged" / "total contradictoire ({count}) : ses mesures ne sont pas jugées";
    Tuesday: "Tuesday" / "mardi";
    Unclassified: "open" / "ouvert";
    UnitOfFigure: "unit" / "unité";
    UnclassifiedExplained: "Lines of imported files that read like notes and are not classified yet (jalon note --classify):" / "Lignes de fichiers importés qui se lisent comme des notes et ne sont pas encore classées (jalon note --classify) :";
    UnclassifiedTitle: "Not classified yet" / "Pas encore classé";
    Undo: "undone" / "annulation";
    UndoByHand: "Undo what {action} did to the platform ({step}): {what}" / "Annuler ce que {action} a fait à la plateforme ({step}) : {what}";
    Undone: "undone" / "annulé";
    UndoneWithin: "undone by the action itself" / "annulé par l'action elle-même";
    Unfinished: "What did not finish or did not start" / "Ce qui n'a pas abouti ou n'a pas commencé";
    Units: "rates in records/s, latencies in ms; ∞: without a cap" / "débits en enr./s, latences en ms ; ∞ : sans plafond";
    Unlimited: "unlimited" / "illimité";
    Until: "until" / "jusqu'au";
    UntilThen: "until {until}" / "jusqu'au {until}";
    Value: "value" / "valeur";
    Verdict: "verdict" / "verdict";
    VerifyThat: "Verify: {text}" / "Vérifier : {text}";
    Version: "version" / "version";
    Versions: "jalon version" / "version de jalon";
    WaitsForAnswer: "waits for an answer: {question}" / "attend une réponse : {question}";
    WaivedUntil: "{step} {state} {until} by {by}: {reason}" / "{step} {state} {until} par {by} : {reason}";
    Waiver: "waiver" / "dérogation";
    WaiverEnds: "The waiver of {name} ends on {reason}: fix the cause before then" / "La dérogation de l'{name} prend fin le {reason} : corriger la cause avant";
    WaiverExpired: "waiver (expired)" / "dérogation (expirée)";
    WaiverHasNoEnd: "The waiver of {name} has no expiry: resolve it ({reason})" / "La dérogation de l'{name} est sans échéance : la régler ({reason})";
    WarmUp: "warm-up" / "préchauffage";
    Warning: "warn" / "avertissement";
    WarningToValidate: "Warning to explain: {criterion}" / "Avertissement à expliquer : {criterion}";
    Watch: "watch" / "surveillance";
    WatchSawNothing: "watch {watch} ({kind}) of {step} read no metric" / "la surveillance {watch} ({kind}) de l'{step} n'a lu aucune métrique";
    Watches: "watches" / "surveillances";
    WatchNamed: "samples of watch {watch} ({kind})" / "échantillons de la surveillance {watch} ({kind})";
    WatchedBy: "watch {watch} ({kind})" / "surveillance {watch} ({kind})";
    WatchesCounted: "Watches of the period: {count}." / "Surveillances de la période : {count}.";
    WatchesSection: "what the watches saw" / "ce que les surveillances ont vu";
    Wednesday: "Wednesday" / "mercredi";
    When: "when" / "quand";
    WholeMilliseconds: "Kafka's tool gives percentiles in whole milliseconds, of a sample of at most 500,000 records" / "l'outil de Kafka donne des percentiles en millisecondes entières, sur un échantillon d'au plus 500 000 enregistrements";
    Window: "time window" / "période";
    Withdrawn: "Figures from {name} are withdrawn: {why}" / "Les valeurs issues de {name} sont retirées : {why}";
    WithdrawnFigure: "withdrawn (artifact altered)" / "retiré (artefact altéré)";
    WithoutCap: "without a cap" / "sans plafond";
    WithoutEnd: "without an expiry date" / "sans échéance";
    WithoutFigures: "{title}: its output holds no figure" / "{title} : sa sortie ne contient aucune valeur";
    WithoutHour: "time not stated" / "sans heure indiquée";
    WorkSection: "Work of the day" / "Travaux réalisés";
    Yes: "yes" / "oui";
    ZookeeperDeclared: "ZooKeeper latency declared up to {declared}, objective {limit}: read `mntr` on every node" / "Latence ZooKeeper déclarée jusqu'à {declared}, objectif {limit} : relever `mntr` sur chaque nœud";
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
        let places = sentence.split('{').skip(1).filter_map(|p| p.split_once('}'));
        places.map(|(name, _)| name.split('|').next().unwrap_or_default()).collect()
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
