"""Given and family names, streets and towns, mixed freely so that no combination is meant. Pure."""

GIVEN: tuple[tuple[str, str], ...] = tuple(
    (name, sex)
    for sex, names in {
        "female": (
            "Ada Aisha Alba Alina Amara Amelia Anaïs Anika Astrid Beatriz Bianca Camila Carmen Celeste Chidinma Clara Dalia "
            "Daphne Delia Dunja Edith Elena Elif Esther Eun-ji Fatima Fiona Freya Giulia Grace Hannah Helga Imani Ingrid "
            "Irina Jasmine Joana Kamala Karin Keiko Layla Leonie Ling Lucía Luisa Mai Maja Malia Marisol Meera Mina Miriam "
            "Nadia Naomi Nia Noor Olga Olive Paloma Pilar Priya Ramona Renata Rhea Rosalind Ruth Sanaa Selma Shira Soledad "
            "Tamar Tess Thandi Uma Valeria Vera Wanda Xiomara Yara Yuki Zainab Zora"
        ),
        "male": (
            "Abel Adil Akio Alonso Amir Anders Anton Arjun Basil Benicio Bo Bruno Caleb Carlos Cyrus Dario Demba Diego Dmitri "
            "Eamon Eduardo Elias Emeka Enzo Ephraim Esteban Fabian Farid Felix Gideon Gustav Hamza Hassan Henrik Hiro Hugo "
            "Idris Ignacio Isaac Ivan Jamal Javier Joaquín Jonas Kamil Kofi Kwame Lars Leandro Levi Luca Malik Marek Mateo "
            "Miguel Milan Nestor Nico Noah Omar Orlando Otis Pablo Pavel Quentin Rafael Rashid Reuben Rohan Samir Santiago "
            "Saul Sergei Silas Soren Tariq Tomás Ulrich Victor Wendell Xavier Yusuf Zane"
        ),
    }.items()
    for name in names.split()
)

FAMILY: tuple[str, ...] = tuple(
    (  # noqa: SIM905 - read as prose
        "Abara Abend Achterberg Adeyemi Aldana Almeida Amsel Anand Arroyo Asante Ashdown Ávila Bakshi Baptiste Barrow Bascom "
        "Beltrán Berglund Bhatt Bianchi Blackwood Bonilla Boateng Brandt Brightwater Buckley Calloway Cardenas Castellan "
        "Chandra Chaudhry Choi Cisneros Clairmont Coldwell Contreras Corrigan Cruz Dahl Danjuma Darrow Delacroix Diallo "
        "Dimitrov Dorsey Drummond Dunmore Eastman Echeverría Edelstein Ekwueme Ellery Engstrom Escobar Fairweather Farouk "
        "Featherstone Ferreira Finch Flores Forde Fujita Gallego Garnet Georgiou Gill Goldfarb Granger Greenaway Grimaldi "
        "Guerrero Gupta Haddad Halloran Hamasaki Harrow Hawthorne Hernández Hidalgo Holloway Hsu Ibarra Idowu Inoue Iyer "
        "Jablonski Jamieson Jansen Jaramillo Kaplan Karlsson Kaur Keating Khalil Kimura Kowalski Kruger Lacroix Lampert "
        "Langley Larkin Lindgren Liu Lockhart Lombardi Lozano Lund Macallan Maddox Mahmoud Maldonado Marchetti Marlowe "
        "Mbeki Mehta Mendoza Mensah Merriweather Mikkelsen Monroe Montoya Morgenstern Mwangi Nakagawa Navarro Nazari "
        "Nguyen Nightingale Novak Nuñez Oakley Obi Ochoa Okafor Okoro Oliveira Orellana Osei Ostrowski Pacheco Palomo "
        "Pappas Park Pemberton Pereira Petrov Pham Pierce Popescu Prescott Quartey Quigley Quintero Raghavan Raman Ramirez "
        "Ravenel Redfern Reyes Rinaldi Rosario Rowe Rutledge Sadiq Salazar Santoro Sato Schaefer Sepúlveda Seymour Shah "
        "Sinclair Solberg Sorensen Stavros Strand Suarez Sutherland Tan Tavares Teague Thorne Toledo Tran Underhill Uribe "
        "Valdez Vance Vasquez Velasco Virtanen Voss Wainwright Wakefield Walsh Weatherby Whitlock Winslow Wozniak Xu Yamada "
        "Yardley Yilmaz Zamora Zapata Zhang Zielinski"
    ).split()
)

STREETS: tuple[str, ...] = (
    "Anchor Street", "Beacon Lane", "Cormorant Road", "Dune Avenue", "Eelgrass Way", "Foghorn Court", "Gannet Close",
    "Harbor Walk", "Inlet Drive", "Jetty Row", "Kelp Street", "Lantern Hill", "Mainsail Road", "North Quay", "Osprey Lane",
    "Pier Street", "Quarterdeck Way", "Ropewalk", "Saltmarsh Road", "Tern Street", "Windlass Court",
)  # fmt: skip
TOWNS: tuple[str, ...] = ("Lumen Harbor", "Bayline", "Brannoc", "Northpine", "Cedar Court", "Tern Point", "Marrow Bay")
