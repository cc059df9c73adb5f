"""The whole config: its sections stand in the files of ``defaults.FILES``."""

from evoplast.configuration.section import Settings, key, settings_class
from evoplast.configuration.sections.behaviour import (
    AblationsSettings,
    DegeneracySettings,
    FewShotSettings,
    HeterogeneitySettings,
    RecurrenceSettings,
    RepresentativeRulesSettings,
    RepresentativesSettings,
)
from evoplast.configuration.sections.circuit import NetworkSection
from evoplast.configuration.sections.enu import EnuSection
from evoplast.configuration.sections.execution import ExecutionSection
from evoplast.configuration.sections.families import FamiliesSection
from evoplast.configuration.sections.gradient import (
    GradientSettings,
    SampleEfficiencySettings,
)
from evoplast.configuration.sections.noise import SequenceNoiseSettings
from evoplast.configuration.sections.proof import ProofSection
from evoplast.configuration.sections.recordings import RecordingsSettings
from evoplast.configuration.sections.search import SearchSection
from evoplast.configuration.sections.simulation import (
    PlasticitySettings,
    SimulationSettings,
)
from evoplast.configuration.sections.stimuli import InputSection, StimulusSettings
from evoplast.configuration.sections.story import (
    BaselinesSection,
    CrossScaleSection,
    FiguresSection,
    LongHorizonSection,
    LongTrainingSection,
    ParetoSection,
)
from evoplast.configuration.sections.studies import (
    AblationSettings,
    BenchmarkSection,
    InformationSettings,
    PlanCostSection,
    RacingSection,
    SpreadSettings,
    StudiesSection,
)
from evoplast.configuration.sections.task import TaskSection
from evoplast.configuration.sections.working_point import (
    CalibrationSection,
    CeilingSection,
    LikenessSection,
    ScanSection,
)


@settings_class
class Config(Settings):
    """Everything that a user can set."""

    run: str = key(
        "Name of the run; its results are written to results/{run}.",
        pattern=r"^[A-Za-z0-9_-]{1,100}\Z",
        looks="of at most 100 letters, digits, - and _",
    )
    seed: int = key(
        "Root seed; every random number derives from it by name.",
        within="[0, 2147483647]",
    )
    rules: str | None = key(
        "File of your own rules, scored beside those of the literature; "
        "docs/own-rules.md says what stands in it."
    )
    network: NetworkSection
    stimuli: StimulusSettings
    input: InputSection
    simulation: SimulationSettings
    task: TaskSection
    plasticity: PlasticitySettings
    calibration: CalibrationSection
    calibration_scan: ScanSection
    mouse_likeness: LikenessSection
    ceiling: CeilingSection
    baselines: BaselinesSection
    families: FamiliesSection
    search: SearchSection
    search_benchmark: BenchmarkSection
    search_ablation: AblationSettings
    search_proof: ProofSection
    information: InformationSettings
    rule_spread: SpreadSettings
    sequence_noise: SequenceNoiseSettings
    search_studies: StudiesSection
    racing_study: RacingSection
    plan_cost: PlanCostSection
    pareto: ParetoSection
    long_horizon: LongHorizonSection
    long_training: LongTrainingSection
    cross_scale: CrossScaleSection
    gradient: GradientSettings
    representatives: RepresentativesSettings
    representative_rules: RepresentativeRulesSettings
    few_shot: FewShotSettings
    recurrence: RecurrenceSettings
    heterogeneity: HeterogeneitySettings
    degeneracy: DegeneracySettings
    sample_efficiency: SampleEfficiencySettings
    ablations: AblationsSettings
    recordings: RecordingsSettings
    enu: EnuSection
    execution: ExecutionSection
    figures: FiguresSection
