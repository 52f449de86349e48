"""First and last names of the sample company's people (all invented)."""


def words(text: str) -> list[str]:
    return text.split()


FIRST = words(
    """
    Adele Agnes Ahmed Aisha Alba Alma Amara Amina Anders Andre Anika Anton Arjun Astrid Aurel Axel Beatriz
    Benno Bianca Bruno Camille Carlos Carmen Cecilia Clara Claude Cosmo Dagmar Dalia Dana Dario Daria Deniz
    Diego Dina Dmitri Dora Edith Edgar Elena Elif Elin Elsa Emil Enzo Erik Esra Estela Fabio Farid Fatima
    Felix Fleur Frida Gael Galina Gemma Goran Greta Gustav Hamid Hana Hanno Heidi Helga Henrik Hugo Ida Ilse
    Imre Ines Ingrid Irma Isaac Ivan Jana Jasper Joao Jonas Judit Kaito Karim Katja Keiko Kofi Kwame Lara Lars
    Leandro Leila Lena Levent Lilja Linus Lorenzo Lucia Lukas Magnus Malin Mara Marek Marta Matteo Maya Mei
    Milan Mina Mirela Nadia Nils Nino Noor Nora Oda Olga Omar Oscar Otto Paolo Pauline Petra Pia Pierre Piotr
    Priya Quentin Rafael Ramon Rasmus Renata Rita Robin Rosa Ruben Sabine Salma Samuel Sara Selma Sergio Silke
    Simon Sofia Stefan Sven Talia Tamara Teresa Thea Theo Tilda Tomas Tove Ulrik Ursula Vera Victor Viola Vito
    Wanda Xenia Yara Yusuf Zara Zeno Zita
    """
)
LAST = words(
    """
    Abara Adler Aguilar Ahlberg Alves Amato Andersen Arslan Asante Bakker Baptiste Barros Bauer Becker Bellini
    Benali Berger Bergstrom Bianchi Blom Boateng Bohm Borges Brandt Cabral Caruso Castillo Cervantes Chaudhry
    Cohen Conti Correia Costa Cruz Dahl Danso Demir Desai Diallo Dias Dubois Duarte Eklund Engel Esposito Falk
    Farouk Ferrari Fischer Fontaine Franco Frost Fuentes Gallo Garnier Gomez Greco Grimm Haas Haddad Hagen
    Hakala Hansen Hartmann Haugen Hoffman Holm Horvat Ibrahim Ivanova Jansen Jensen Kaplan Karlsen Kaya Keller
    Khalil Klein Koch Kovacs Kruger Larsen Laurent Lehto Lindqvist Lopez Lund Maier Malik Marino Martel Mensah
    Mercier Meyer Moreau Moretti Nakamura Navarro Nilsen Nkemelu Novak Nowak Oduya Okafor Olsen Ortega Osei
    Ozturk Palmer Papas Paulsen Petrov Pinto Popov Quist Rahman Ramos Ricci Riedel Rinaldi Romano Rossi Ruiz
    Saleh Salonen Santos Sato Schmidt Serrano Silva Simonsen Sokolov Sorensen Steiner Suzuki Tanaka Tavares
    Toure Vargas Vasquez Vega Vogel Weber Weiss Winter Wolff Yilmaz Zieger Zhang
    """
)
