"""Services and diagnoses of the demo world: bare code numbers with our own short wording, no licensed descriptor.

The lists are incomplete on purpose: only the codes they hold are checked against their dates.
"""

from dataclasses import dataclass
from datetime import date

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"


def in_sentence(wording: str) -> str:
    """Return a wording as it stands inside a sentence: "Oxygen device" becomes small, "MRI" and "CT" do not."""
    return wording[0].lower() + wording[1:] if wording[1:2].islower() else wording


@dataclass(frozen=True)
class Service:
    """One service that practices of the demo world ask for.

    Attributes:
        field: the field of medicine the service belongs to; it decides who is fit to say no.
        orders: the specialty of those who order it.
        units, unit: what is usually asked.
        weight: how often it is asked for, relative to the others.
        medicare, plan: what a reviewer cites where no guideline of the plan applies.
        short_of: what is most often missing, in plain words.
    """

    code: str
    system: str
    wording: str
    wording_es: str
    family: str
    field: str
    orders: str
    diagnoses: tuple[str, ...]
    units: int
    unit: str
    weight: int
    medicare: str
    plan: str
    short_of: str
    short_of_es: str
    modifiers: tuple[str, ...] = ()
    place: str = "22"


def _s(*fields: object, **more: object) -> Service:
    return Service(*fields, **more)  # type: ignore[arg-type]


_EOC = "Evidence of coverage, medical necessity, page"

SERVICES: tuple[Service, ...] = (
    _s("72148", CPT, "MRI of the lower back", "Resonancia de la espalda baja", "lumbar-mri", "radiology", "physical medicine",
       ("M54.16", "M54.17", "M51.16"), 1, "", 15, "42 CFR 410.32(a); NCD 220.2", f"{_EOC} 31",
       "six weeks of therapy, home exercise or medicine before the picture",
       "seis semanas de terapia, ejercicio o medicina antes de la imagen"),
    _s("27447", CPT, "Total knee replacement", "Reemplazo total de rodilla", "knee-arthroplasty", "orthopaedics",
       "orthopaedics", ("M17.11", "M17.12"), 1, "", 8, "SSA 1862(a)(1)(A); 42 CFR 411.15(k)", f"{_EOC} 44",
       "twelve weeks of care without surgery", "doce semanas de tratamiento sin cirugía", modifiers=("RT",), place="24"),
    _s("29881", CPT, "Knee arthroscopy with meniscus repair", "Artroscopia de rodilla con menisco", "knee-arthroscopy",
       "orthopaedics", "orthopaedics", ("M23.211", "M23.221"), 1, "", 4, "NCD 150.9", f"{_EOC} 45",
       "signs of a torn meniscus beyond arthritis", "señales de un menisco roto además de artritis", modifiers=("RT",),
       place="24"),
    _s("73721", CPT, "MRI of a leg joint", "Resonancia de una articulación de la pierna", "joint-mri", "radiology",
       "orthopaedics", ("M25.561", "M23.211"), 1, "", 6, "42 CFR 410.32(a); NCD 220.2", f"{_EOC} 31",
       "an examination of the joint and an X-ray first", "un examen de la articulación y una radiografía primero"),
    _s("70553", CPT, "MRI of the head with contrast", "Resonancia de la cabeza con contraste", "head-mri", "radiology",
       "neurology", ("G43.909", "R51.9"), 1, "", 6, "42 CFR 410.32(a); NCD 220.2", f"{_EOC} 31",
       "a neurological examination with its findings", "un examen neurológico con sus hallazgos"),
    _s("74177", CPT, "CT of belly and pelvis", "Tomografía de abdomen y pelvis", "body-ct", "radiology", "internal medicine",
       ("R10.9", "R63.4"), 1, "", 7, "NCD 220.1", f"{_EOC} 31", "the findings that call for the picture",
       "los hallazgos que piden la imagen"),
    _s("78452", CPT, "Heart perfusion study", "Estudio de perfusión del corazón", "heart-imaging", "cardiology", "cardiology",
       ("I25.10", "R07.9"), 1, "", 5, "42 CFR 410.32(a)", f"{_EOC} 33", "an exercise test, or why it cannot be done",
       "una prueba de esfuerzo, o por qué no se puede hacer"),
    _s("93458", CPT, "Heart catheter study", "Cateterismo del corazón", "heart-catheter", "cardiology", "cardiology",
       ("I25.10", "I20.9"), 1, "", 3, "SSA 1862(a)(1)(A); 42 CFR 411.15(k)", f"{_EOC} 34", "the result of a stress test",
       "el resultado de una prueba de esfuerzo", place="22"),
    _s("97110", CPT, "Therapy exercises", "Ejercicios de terapia", "therapy", "physical medicine", "physical medicine",
       ("M54.50", "M62.81"), 12, "VS", 10, "42 CFR 410.60; Medicare Benefit Policy Manual ch. 15 s. 220", f"{_EOC} 38",
       "goals and progress that show why more visits help", "metas y avances que muestran por qué ayudan más visitas",
       place="11"),
    _s("95810", CPT, "Sleep study overnight", "Estudio de sueño nocturno", "sleep-study", "sleep medicine", "sleep medicine",
       ("G47.33", "R06.83"), 1, "", 4, "NCD 240.4.1", f"{_EOC} 36", "a home sleep test, or why it does not fit",
       "una prueba de sueño en casa, o por qué no sirve"),
    _s("43775", CPT, "Sleeve operation of the stomach", "Operación de manga del estómago", "bariatric", "surgery", "surgery",
       ("E66.01", "E66.812"), 1, "", 2, "NCD 100.1", f"{_EOC} 46", "a supervised programme before the operation",
       "un programa supervisado antes de la operación", place="21"),
    _s("63047", CPT, "Decompression of the lower spine", "Descompresión de la columna baja", "spine-surgery", "orthopaedics",
       "orthopaedics", ("M48.061", "M54.16"), 1, "", 3, "SSA 1862(a)(1)(A); 42 CFR 411.15(k)", f"{_EOC} 44",
       "six weeks of care without surgery and a matching picture",
       "seis semanas de tratamiento sin cirugía y una imagen que concuerde", place="22"),
    _s("64483", CPT, "Injection near a nerve of the lower back", "Inyección cerca de un nervio lumbar", "injection",
       "physical medicine", "physical medicine", ("M54.16", "M54.17"), 1, "", 5, "LCD L36920", f"{_EOC} 39",
       "pain that runs into the leg for four weeks", "dolor que baja a la pierna por cuatro semanas", place="24"),
    _s("90837", CPT, "Psychotherapy of an hour", "Psicoterapia de una hora", "psychotherapy", "psychiatry", "psychiatry",
       ("F33.1", "F41.1"), 12, "VS", 3, "42 CFR 410.155; Medicare Benefit Policy Manual ch. 6", f"{_EOC} 52",
       "goals of the treatment and how they are measured", "metas del tratamiento y cómo se miden", place="11"),
    _s("E0601", HCPCS, "Air pressure device for sleep apnoea", "Aparato de presión para apnea", "sleep-device",
       "sleep medicine", "sleep medicine", ("G47.33",), 1, "", 5, "NCD 240.4", f"{_EOC} 61", "the sleep study",
       "el estudio de sueño", place="12"),
    _s("E1390", HCPCS, "Oxygen device at home", "Aparato de oxígeno en casa", "oxygen", "pulmonology", "internal medicine",
       ("J44.9", "J96.11"), 1, "", 3, "NCD 240.2", f"{_EOC} 62", "a measured oxygen level at rest",
       "un nivel de oxígeno medido en reposo", place="12"),
    _s("K0823", HCPCS, "Power wheelchair", "Silla de ruedas eléctrica", "mobility", "physical medicine",
       "physical medicine", ("G35", "M62.81"), 1, "", 2, "NCD 280.3", f"{_EOC} 63",
       "why a lighter device does not serve inside the home", "por qué no basta un aparato más sencillo en casa", place="12"),
    _s("G0299", HCPCS, "Nursing visit at home", "Visita de enfermería en casa", "home-care", "internal medicine",
       "internal medicine", ("I50.22", "L97.919"), 8, "VS", 5, "42 CFR 409.42; 42 CFR 424.22", f"{_EOC} 57",
       "why the person cannot leave home, and the plan of care", "por qué la persona no puede salir, y el plan de cuidado",
       place="12"),
    _s("J1745", HCPCS, "Infliximab by infusion", "Infliximab por infusión", "infusion", "gastroenterology",
       "gastroenterology", ("K50.80", "K51.90"), 50, "", 2, "Medicare Benefit Policy Manual ch. 15 s. 50", f"{_EOC} 71",
       "the earlier treatment and its effect", "el tratamiento anterior y su efecto", place="22"),
    _s("J9271", HCPCS, "Pembrolizumab by infusion", "Pembrolizumab por infusión", "oncology", "oncology", "oncology",
       ("C34.90", "C43.9"), 200, "", 2, "SSA 1861(t)(2); Medicare Benefit Policy Manual ch. 15 s. 50.4.5", f"{_EOC} 72",
       "stage and marker of the tumour", "etapa y marcador del tumor", place="22"),
)  # fmt: skip
BY_CODE: dict[str, Service] = {service.code: service for service in SERVICES}

MORE_CODES: tuple[tuple[str, str, str, str, date | None, date | None], ...] = (
    (CPT, "64582", "Nerve stimulator for sleep apnoea", "Estimulador nervioso para apnea", None, None),
    (CPT, "27245", "Repair of a hip fracture with a nail", "Reparación de fractura de cadera con clavo", None, None),
    (CPT, "99213", "Office visit, short", "Consulta corta", None, None),
    (CPT, "99215", "Office visit, long", "Consulta larga", None, None),
    (CPT, "73562", "X-ray of the knee", "Radiografía de rodilla", None, None),
    (CPT, "0359T", "Behaviour assessment, ended code", "Evaluación de conducta, código terminado", date(2014, 7, 1), date(2019, 1, 1)),
    (HCPCS, "G0154", "Skilled nursing at home, ended code", "Enfermería en casa, código terminado", date(2000, 1, 1), date(2016, 1, 1)),
    (HCPCS, "A0427", "Ambulance, urgent", "Ambulancia urgente", None, None),
)  # fmt: skip
"""Codes that no earlier case asks for; two of them ended, so that a date outside a code's validity can be seen."""

DIAGNOSES: dict[str, tuple[str, str]] = {
    "M54.15": ("Nerve root pain, chest and lower back", "Dolor de raíz nerviosa dorsolumbar"),
    "M54.16": ("Nerve root pain, lower back", "Dolor de raíz nerviosa lumbar"),
    "M54.17": ("Nerve root pain, lower back and sacrum", "Dolor de raíz nerviosa lumbosacra"),
    "M54.50": ("Low back pain", "Dolor de espalda baja"),
    "M51.16": ("Disc trouble with nerve root pain, lower back", "Problema de disco con dolor de raíz lumbar"),
    "M48.061": ("Narrow spinal canal, lower back", "Canal lumbar estrecho"),
    "M17.11": ("Arthritis of the right knee", "Artritis de la rodilla derecha"),
    "M17.12": ("Arthritis of the left knee", "Artritis de la rodilla izquierda"),
    "M25.561": ("Pain in the right knee", "Dolor en la rodilla derecha"),
    "M23.211": ("Old meniscus tear, right knee", "Rotura antigua de menisco, rodilla derecha"),
    "M23.221": ("Old meniscus tear, back part, right knee", "Rotura antigua de menisco posterior, rodilla derecha"),
    "M62.81": ("Muscle weakness", "Debilidad muscular"),
    "G43.909": ("Migraine", "Migraña"),
    "R51.9": ("Headache", "Dolor de cabeza"),
    "R10.9": ("Belly pain", "Dolor de vientre"),
    "R63.4": ("Weight loss", "Pérdida de peso"),
    "I25.10": ("Heart artery disease", "Enfermedad de las arterias del corazón"),
    "R07.9": ("Chest pain", "Dolor de pecho"),
    "I20.9": ("Angina", "Angina"),
    "I50.22": ("Heart failure, chronic", "Insuficiencia cardíaca crónica"),
    "G47.33": ("Sleep apnoea", "Apnea del sueño"),
    "R06.83": ("Snoring", "Ronquidos"),
    "E66.01": ("Severe obesity", "Obesidad grave"),
    "E66.812": ("Obesity, class 2", "Obesidad clase 2"),
    "Z68.34": ("Body mass index 34", "Índice de masa corporal 34"),
    "F33.1": ("Repeated depression", "Depresión recurrente"),
    "F41.1": ("Anxiety", "Ansiedad"),
    "J44.9": ("Chronic lung disease", "Enfermedad pulmonar crónica"),
    "J96.11": ("Chronic lack of oxygen", "Falta crónica de oxígeno"),
    "G35": ("Multiple sclerosis", "Esclerosis múltiple"),
    "L97.919": ("Wound of the lower leg", "Herida de la pierna"),
    "K50.80": ("Crohn's disease", "Enfermedad de Crohn"),
    "K51.90": ("Ulcerative colitis", "Colitis ulcerosa"),
    "C34.90": ("Lung cancer", "Cáncer de pulmón"),
    "C43.9": ("Melanoma", "Melanoma"),
    "G12.21": ("Motor neurone disease", "Enfermedad de la motoneurona"),
    "S72.141A": ("Hip fracture, right", "Fractura de cadera derecha"),
    "I21.02": ("Heart attack", "Infarto"),
}
