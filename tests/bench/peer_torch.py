# SPDX-License-Identifier: LGPL-3.0-or-later
"""PyTorch's networks, and those who explain them: PyTorch itself, Captum, pytorch-grad-cam. Each function gives
a call without arguments that makes one explanation of class TARGET; imports stand inside, so that who is not
installed is left out alone."""
import copy
import os
import warnings

NETWORKS = ["efficientnet-lite0", "alexnet", "squeezenet1_1", "resnet18", "resnet50", "densenet121",
            "vgg16", "mobilenet_v2", "googlenet"]
LITE0 = "models/efficientnet-lite0/efficientnet-lite0.onnx"
TARGET = 7
# The layer whose output pytorch-grad-cam is given: the last feature maps.
LAYERS = {"alexnet": "features", "vgg16": "features", "squeezenet1_1": "features",
          "densenet121": "features", "mobilenet_v2": "features", "resnet18": "layer4",
          "resnet50": "layer4", "googlenet": "inception5b", "efficientnet-lite0": "bn2"}


def network(name, threads):
    import torch
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    if name == "efficientnet-lite0":
        import timm
        return timm.create_model("efficientnet_lite0").eval()
    import torchvision
    more = {"aux_logits": False, "init_weights": True} if name == "googlenet" else {}
    return getattr(torchvision.models, name)(weights=None, **more).eval()


def file_of(name, folder):
    """The network as ONNX, exported once."""
    path = LITE0 if name == "efficientnet-lite0" else os.path.join(folder, name + ".onnx")
    if not os.path.exists(path):
        import torch
        os.makedirs(folder, exist_ok=True)
        torch.onnx.export(network(name, 1), torch.zeros(1, 3, 224, 224), path + ".part", dynamo=False,
                          input_names=["x"], output_names=["y"])
        os.replace(path + ".part", path)
    return path


def without_weight_gradients(model):
    for weight in model.parameters():
        weight.requires_grad_(False)
    return model


def saliency(model, x):
    import torch
    model = without_weight_gradients(copy.deepcopy(model))

    def run():
        picture = torch.from_numpy(x).requires_grad_(True)
        model(picture)[0, TARGET].backward()
    return run


def captum(method, model, x):
    import captum.attr
    import torch
    model = without_weight_gradients(copy.deepcopy(model))
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False  # Captum's hooks refuse to see a tensor change
    warnings.filterwarnings("ignore", module="captum")
    explainer = getattr(captum.attr, method)(model)
    picture = torch.from_numpy(x).requires_grad_(True)
    return lambda: explainer.attribute(picture, target=TARGET)


def grad_cam(name, model, x):
    """As its README calls it: weights ask for gradients, the map is brought to the picture's size."""
    import torch
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    model = copy.deepcopy(model)
    cam = GradCAM(model=model, target_layers=[getattr(model, LAYERS[name])])
    targets, picture = [ClassifierOutputTarget(TARGET)], torch.from_numpy(x)
    return lambda: cam(input_tensor=picture, targets=targets)
