from guanxi.kernel.records.modules import ModuleConfig


class SamplesConfig(ModuleConfig):
    name = label = "samples"
