# SPDX-License-Identifier: LGPL-3.0-or-later
"""The classifiers of the zoo: every one of torchvision's, and one or more of each of timm's families.

A row is LIBRARY/NAME, then @SIDE where the picture is smaller than the network's own: that a
random network is asked about fewer pixels changes nothing of its graph but the time. Networks of one
family follow each other, the smallest first."""

TORCHVISION = """
alexnet
convnext_tiny@128 convnext_small@96 convnext_base@96 convnext_large@64
densenet121@128 densenet169@96 densenet201@96 densenet161@96
efficientnet_b0@160 efficientnet_b1@128 efficientnet_b2@128 efficientnet_b3@128 efficientnet_b4@128
efficientnet_b5@96 efficientnet_b6@96 efficientnet_b7@96
efficientnet_v2_s@128 efficientnet_v2_m@96 efficientnet_v2_l@96
googlenet@160 inception_v3@160
maxvit_t
mnasnet0_5 mnasnet0_75@128 mnasnet1_0@128 mnasnet1_3@128
mobilenet_v2 mobilenet_v3_large mobilenet_v3_small
regnet_x_400mf@128 regnet_x_800mf@96 regnet_x_1_6gf@96 regnet_x_3_2gf@96 regnet_x_8gf@64
regnet_x_16gf@64 regnet_x_32gf@64
regnet_y_400mf@128 regnet_y_800mf@96 regnet_y_1_6gf@96 regnet_y_3_2gf@96 regnet_y_8gf@64
regnet_y_16gf@64 regnet_y_32gf@64 regnet_y_128gf@64
resnet18 resnet34@128 resnet50@160 resnet101@96 resnet152@96
resnext50_32x4d@96 resnext101_32x8d@64 resnext101_64x4d@64 wide_resnet50_2@64 wide_resnet101_2@64
shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5@128 shufflenet_v2_x2_0@128
squeezenet1_0 squeezenet1_1
swin_t swin_s@96 swin_b@96 swin_v2_t swin_v2_s@96 swin_v2_b@96
vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn
vit_b_16 vit_b_32 vit_l_16@64 vit_l_32@96 vit_h_14@56
"""

TIMM = """
vit_tiny_patch16_224 deit_tiny_patch16_224 deit_tiny_distilled_patch16_224 deit3_small_patch16_224@112
swin_tiny_patch4_window7_224 swinv2_tiny_window8_256 convnext_atto convnextv2_atto
vit_small_patch14_reg4_dinov2@112 vit_relpos_small_patch16_224 eva02_tiny_patch14_224 beit_base_patch16_224
cait_xxs24_224 coat_tiny coatnet_0_rw_224 maxvit_tiny_rw_224 crossvit_tiny_240 pit_ti_224 pvt_v2_b0
poolformer_s12 levit_128s mobilevit_xxs mobilevitv2_050 efficientformer_l1 efficientformerv2_s0
edgenext_xx_small efficientvit_b0 efficientvit_m0 fastvit_t8 focalnet_tiny_srf gcvit_xxtiny ghostnet_050
hrnet_w18_small inception_v4@160 inception_resnet_v2@160 lcnet_050 mixer_s32_224 resmlp_12_224
gmlp_ti16_224 mobilenetv4_conv_small mobileone_s0 repvgg_a0 dm_nfnet_f0@96 nest_tiny res2net50_26w_4s@128
resnest14d resnetv2_50@128 rexnet_100 skresnet18 seresnet50@128 tinynet_e tiny_vit_5m_224
twins_pcpvt_small visformer_tiny volo_d1_224 xcit_nano_12_p16_224 xception41@128 ese_vovnet19b_dw dla34
dpn68@128 cspresnet50@128 davit_tiny tf_efficientnet_lite0 tf_efficientnetv2_b0 mixnet_s
convmixer_768_32@64 hgnetv2_b0 inception_next_tiny caformer_s18 repvit_m0_9 starnet_s1 hiera_tiny_224
mambaout_femto fbnetc_100 selecsls42b
botnet26t_256 halonet26t lambda_resnet26t convit_tiny cpubone_nano csatv2@256 cspnext_tiny densenet121@128
efficientvim_m1 fasternet_t0 hardcorenas_a hieradet_small iformer_t inception_v3@160 lcnetv2_small lowformer_b0
mobilenetv5_base mvitv2_tiny naflexvit_base_patch16_gap nasnetalarge@96 nextvit_small pnasnet5large@96
rdnet_tiny regnetx_002 repghostnet_050 legacy_seresnet18 sequencer2d_s shvit_s1 swiftformer_xs
swinv2_cr_tiny_224 tnt_s_patch16_224 tresnet_m@128 vgg11 vit_tiny_r_s16_p8_224 samvit_base_patch16_224
vitamin_small_224 legacy_xception@128
"""


def rows():
    """(name, side or None) of every network."""
    for library, text in (("torchvision", TORCHVISION), ("timm", TIMM)):
        for word in text.split():
            name, _, side = word.partition("@")
            yield f"{library}/{name}", int(side) if side else None


def family_of(name):
    """timm's module, which is its family; torchvision's are its pages."""
    library, short = name.split("/")
    if library == "torchvision":
        import torchvision

        return torchvision.models.get_model_builder(short).__module__.rsplit(".")[-1]
    import timm

    return timm.model_entrypoint(short).__module__.rsplit(".")[-1]


def side_of(name, wanted):
    """The picture's side: the one wanted, else the network's own."""
    if wanted:
        return wanted
    library, short = name.split("/")
    if library == "torchvision":
        return {"inception_v3": 299, "swin_v2_t": 256}.get(short, 224)
    import timm

    return timm.get_pretrained_cfg(short, allow_unregistered=False).input_size[-1]


def make(name, side):
    """The network with its makers' random weights, for pictures of that side."""
    library, short = name.split("/")
    if library == "torchvision":
        import torchvision

        options = {"init_weights": False} if short in ("googlenet", "inception_v3") else {}
        if short.startswith("vit_"):
            options = {"image_size": side}
        return torchvision.models.get_model(short, weights=None, **options)
    import timm

    own = timm.get_pretrained_cfg(short, allow_unregistered=False).input_size[-1]
    options = {"img_size": side} if side != own and "patch" in short else {}
    return timm.create_model(short, pretrained=False, **options)
