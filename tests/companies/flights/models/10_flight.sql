-- fact: flight
-- about: one row per departure
-- key: [_file, _row]
-- day: flight_date
-- needs: {s_flights: 0}
SELECT flight_date, carrier AS airline, tailnum AS aircraft, origin AS airport, flight, dest, dep_time, dep_delay, arr_delay,
  air_time, distance, hour, _file, _row
FROM s_flights
